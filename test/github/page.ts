/** Pages a person can look at: what GitHub would show of a pull request, plainly. */
import { escapeHtml, renderMarkdown } from './markdown.ts';
import { renderChecks, renderFiles, renderReview, renderThread, showContent } from './page-parts.ts';
import { STYLE } from './page-style.ts';
import type { Parts } from './routes/shared.ts';
import type { PullRequest } from './state.ts';
import { fullName } from './world.ts';

const PULL_PATH = /^\/([\w.-]+)\/([\w.-]+)\/pull\/(\d+)(?:\/(files|checks))?\/?$/;

/** The page at a path, or null when there is none. */
export function renderPage(parts: Parts, url: URL): string | null {
  if (url.pathname === '/') return renderIndex(parts);
  const match = PULL_PATH.exec(url.pathname);
  if (!match) return null;
  const [, owner = '', name = '', number, tab = 'conversation'] = match;
  const pull = parts.world.repository(owner, name)?.pulls.get(Number(number));
  return pull ? renderPull(parts, pull, tab) : null;
}

function layout(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`;
}

function renderIndex({ world }: Parts): string {
  const rows = world.repositories.map((repo) => {
    const pulls = [...repo.pulls.values()].reverse().map((pull) => {
      const path = `/${fullName(repo)}/pull/${pull.number}`;
      return `<li>${stateBadge(pull)} <a href="${escapeHtml(path)}">${escapeHtml(pull.title)}</a> <span class="muted">#${pull.number}</span></li>`;
    });
    return `<h2>${escapeHtml(fullName(repo))}</h2><ul>${pulls.join('') || '<li class="muted">no pull requests</li>'}</ul>`;
  });
  return layout('Repositories', `<h1>Repositories</h1>${rows.join('')}`);
}

function stateBadge(pull: PullRequest): string {
  const state = pull.merged ? 'merged' : pull.state === 'closed' ? 'closed' : pull.draft ? 'draft' : 'open';
  return `<span class="state ${state}">${state}</span>`;
}

function renderPull(parts: Parts, pull: PullRequest, tab: string): string {
  const path = `/${fullName(pull.repo)}/pull/${pull.number}`;
  const files = parts.world.diff(pull);
  const runs = pull.repo.checkRuns.filter((run) => run.headSha === pull.headSha);
  const talk = pull.comments.length + pull.threads.length;
  const tabs: [string, string, string, number][] = [
    ['conversation', path, 'Conversation', talk],
    ['checks', `${path}/checks`, 'Checks', runs.length],
    ['files', `${path}/files`, 'Files changed', files.length],
  ];
  const nav = tabs.map(
    ([id, href, label, count]) =>
      `<a href="${escapeHtml(href)}"${id === tab ? ' aria-current="page"' : ''}>${label} <span class="count">${count}</span></a>`,
  );
  const ends = `<code>${escapeHtml(pull.baseRef)}</code> from <code>${escapeHtml(pull.headRepo === pull.repo ? pull.headRef : `${pull.headRepo.owner.login}:${pull.headRef}`)}</code>`;
  const header = `<h1>${escapeHtml(pull.title)} <small>#${pull.number}</small></h1><p>${stateBadge(pull)} <span class="muted"><strong>${escapeHtml(pull.author.login)}</strong> into ${ends} at <code>${pull.headSha.slice(0, 7)}</code></span></p>`;
  const content = { conversation: renderConversation, checks: renderChecks, files: renderFiles }[tab];
  return layout(
    `${pull.title} #${pull.number}`,
    `${header}<nav>${nav.join('')}</nav>${content?.(parts, pull) ?? ''}`,
  );
}

function renderConversation(parts: Parts, pull: PullRequest): string {
  const opening = `<section class="box"><div class="head"><strong>${escapeHtml(pull.author.login)}</strong><span class="muted">opened this</span></div><div class="body">${renderMarkdown(pull.body || '*No description provided.*', null)}</div></section>`;
  const items: { at: string; id: number; html: string }[] = [
    ...pull.comments.map((c) => ({ at: c.createdAt, id: c.id, html: showContent(c, 'commented') })),
    ...pull.reviews
      .filter((review) => !review.implicit)
      .map((r) => ({ at: r.submittedAt, id: r.id, html: renderReview(parts, r) })),
    ...pull.threads
      .filter((thread) => thread.comments[0]?.review.implicit)
      .map((t) => ({ at: t.comments[0]?.createdAt ?? '', id: t.id, html: renderThread(parts, t, true) })),
  ];
  items.sort((a, b) => a.at.localeCompare(b.at) || a.id - b.id);
  return opening + items.map((item) => item.html).join('');
}
