/** The pieces of a pull request's page: comments, threads, reviews, the diff, the checks. */
import { numberLines } from './anchors.ts';
import { parseHunks } from './diff.ts';
import { escapeHtml, renderMarkdown } from './markdown.ts';
import type { Parts } from './routes/shared.ts';
import type { CheckRun, Content, PullRequest, Reaction, Review, ReviewThread } from './state.ts';

const EMOJI: Record<Reaction['content'], string> = {
  '+1': '👍',
  '-1': '👎',
  laugh: '😄',
  confused: '😕',
  heart: '❤️',
  hooray: '🎉',
  rocket: '🚀',
  eyes: '👀',
};
const GOOD = new Set(['success', 'neutral', 'skipped']);

/** One comment or review body in its box, folded away when it is minimised. */
export function showContent(
  content: Content,
  verb: string,
  replaced: readonly string[] | null = null,
): string {
  const { author, history, minimized, reactions } = content;
  const bot = author.kind === 'Bot' ? ' <span class="tag">bot</span>' : '';
  const edited = history.length > 0 ? ` <span class="tag">edited ×${history.length}</span>` : '';
  const head = `<div class="head"><strong>${escapeHtml(author.login)}</strong>${bot} <span class="muted">${escapeHtml(verb)}</span>${edited} <span class="muted push">${escapeHtml(content.createdAt)}</span></div>`;
  const counts = new Map<string, number>();
  for (const { content: name } of reactions) counts.set(EMOJI[name], (counts.get(EMOJI[name]) ?? 0) + 1);
  const shown = [...counts].map(([emoji, n]) => `<span class="tag">${emoji} ${n}</span>`).join('');
  const body = `<div class="body">${renderMarkdown(content.body, replaced)}</div>${shown && `<div class="reactions">${shown}</div>`}`;
  if (minimized === null) return `<section class="box">${head}${body}</section>`;
  return `<section class="box"><details class="minimized"><summary>${escapeHtml(author.login)}: marked as ${escapeHtml(minimized)}</summary>${head}${body}</details></section>`;
}

export function renderReview(parts: Parts, review: Review): string {
  const verbs = { APPROVED: 'approved', CHANGES_REQUESTED: 'requested changes' } as Record<string, string>;
  const threads = review.comments
    .filter((c) => c.inReplyTo === null)
    .map((c) => renderThread(parts, c.thread, true));
  return showContent(review, verbs[review.state] ?? 'reviewed') + threads.join('');
}

/** @param quoted with the hunk above, for places other than the diff itself */
export function renderThread(parts: Parts, thread: ReviewThread, quoted: boolean): string {
  const replaced = suggestedLines(parts, thread);
  const comments = thread.comments.map((c, i) => showContent(c, i === 0 ? 'commented' : 'replied', replaced));
  if (!quoted) return comments.join('');
  const place =
    thread.originalLine === null
      ? 'file'
      : `line ${thread.originalLine}${thread.side === 'LEFT' ? ' (old)' : ''}`;
  const tags = [
    thread.outdated ? '<span class="tag warn">outdated</span>' : '',
    thread.resolvedBy ? '<span class="tag good">resolved</span>' : '',
  ].join(' ');
  const hunk = thread.diffHunk.split('\n').slice(-5).join('\n');
  const quote = hunk === '' ? '' : `<pre>${escapeHtml(hunk)}</pre>`;
  const content = `<div class="head"><code>${escapeHtml(thread.path)}</code> <span class="muted">${place}</span> ${tags}</div>${quote}${comments.join('')}`;
  if (thread.resolvedBy === null) return `<section class="thread">${content}</section>`;
  return `<details class="thread minimized"><summary>${escapeHtml(thread.path)} ${place}: resolved</summary>${content}</details>`;
}

/** The head's lines that a suggestion in this thread replaces; null where it would be inert. */
function suggestedLines({ world }: Parts, thread: ReviewThread): string[] | null {
  if (thread.side !== 'RIGHT' || thread.originalLine === null) return null;
  const file = world.diff(thread.pull, thread.originalCommit).find((f) => f.path === thread.originalPath);
  const first = thread.originalStartLine ?? thread.originalLine;
  const last = thread.originalLine;
  return parseHunks(file?.patch ?? null)
    .flatMap(numberLines)
    .filter((line) => line.right !== null && line.right >= first && line.right <= last)
    .map((line) => line.text.slice(1));
}

export function renderFiles(parts: Parts, pull: PullRequest): string {
  return parts.world
    .diff(pull)
    .map((file) => {
      const threads = pull.threads.filter((t) => t.path === file.path && !t.outdated);
      const name = file.previousPath === undefined ? file.path : `${file.previousPath} → ${file.path}`;
      const head = `<div class="head"><code>${escapeHtml(name)}</code> <span class="tag">${file.status}</span> <span class="push muted">+${file.additions} −${file.deletions}</span></div>`;
      const talk = (of: ReviewThread[]): string =>
        of.map((t) => `<tr class="talk"><td colspan="3">${renderThread(parts, t, false)}</td></tr>`).join('');
      const rows = parseHunks(file.patch).map((hunk) => {
        const lines = numberLines(hunk).map(({ text, left, right }) => {
          const kind = text.startsWith('+') ? 'add' : text.startsWith('-') ? 'del' : '';
          const here = threads.filter(
            (t) => t.line !== null && t.line === (t.side === 'RIGHT' ? right : left),
          );
          return `<tr class="${kind}"><td class="n">${left ?? ''}</td><td class="n">${right ?? ''}</td><td>${escapeHtml(text)}</td></tr>${talk(here)}`;
        });
        return `<tr class="hunk"><td class="n"></td><td class="n"></td><td>${escapeHtml(hunk.header)}</td></tr>${lines.join('')}`;
      });
      const onFile = talk(threads.filter((t) => t.subjectType === 'FILE'));
      const none = file.patch === null ? '<div class="body muted">No diff shown.</div>' : '';
      return `<section class="box">${head}${none}<table class="diff">${onFile}${rows.join('')}</table></section>`;
    })
    .join('');
}

export function renderChecks(_parts: Parts, pull: PullRequest): string {
  const runs = pull.repo.checkRuns.filter((run) => run.headSha === pull.headSha).reverse();
  return runs.map(renderCheck).join('') || '<p class="muted">No checks on this commit.</p>';
}

function renderCheck(run: CheckRun): string {
  const state = run.conclusion ?? run.status;
  const mood = run.conclusion === null ? 'warn' : GOOD.has(run.conclusion) ? 'good' : 'bad';
  const buttons = run.actions.map(
    (action) =>
      `<span class="button" title="${escapeHtml(action.description)}">${escapeHtml(action.label)}</span>`,
  );
  const { title, summary, text } = run.output;
  const annotations = run.annotations.map((a) => {
    const lines = a.start_line === a.end_line ? `${a.start_line}` : `${a.start_line}–${a.end_line}`;
    const heading = a.title === undefined ? '' : `<strong>${escapeHtml(a.title)}</strong>`;
    return `<div class="annotation ${a.annotation_level}"><code>${escapeHtml(a.path)}:${lines}</code> <span class="tag">${a.annotation_level}</span><p>${heading}</p><p>${escapeHtml(a.message)}</p></div>`;
  });
  return `<section class="box"><div class="head"><strong>${escapeHtml(run.name)}</strong> <span class="tag ${mood}">${escapeHtml(state)}</span> <span class="push">${buttons.join(' ')}</span></div><div class="body"><h2>${escapeHtml(title ?? '')}</h2>${renderMarkdown(summary ?? '', null)}${renderMarkdown(text ?? '', null)}${annotations.join('')}</div></section>`;
}
