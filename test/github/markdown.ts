/** Comment bodies as HTML: GitHub's Markdown closely enough to judge a comment by its looks. */
import { Marked, type Tokens } from 'marked';

/** HTML that GitHub keeps and reviewers use; every other tag is shown as text. */
const KEPT_TAGS = /^<\/?(?:details|summary|sub|sup|kbd|b|i|em|strong|code|br|hr)(?: open)?\s*\/?>$/i;
const SAFE_LINK = /^(?:https?:|mailto:|#|\/(?!\/))/i;
const ALERT = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*/;

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/**
 * @param replaced the lines a suggestion in this body would replace, or null where suggestions are inert
 */
export function renderMarkdown(body: string, replaced: readonly string[] | null): string {
  const marked = new Marked({ gfm: true, breaks: true });
  marked.use({
    renderer: {
      html: ({ text }: Tokens.HTML | Tokens.Tag) => sanitize(text),
      code: ({ text, lang }: Tokens.Code) =>
        lang === 'suggestion' && replaced !== null
          ? suggestion(replaced, text)
          : `<pre><code>${lang === 'diff' ? diffLines(text) : escapeHtml(text)}</code></pre>`,
      link({ href, tokens }: Tokens.Link) {
        const text = this.parser.parseInline(tokens);
        return SAFE_LINK.test(href)
          ? `<a href="${escapeHtml(href)}" rel="nofollow noopener">${text}</a>`
          : text;
      },
      // Pages load nothing from elsewhere, so an image is its description.
      image: ({ text }: Tokens.Image) => `<span class="image">${escapeHtml(text)}</span>`,
      blockquote({ tokens }: Tokens.Blockquote) {
        const html = this.parser.parse(tokens);
        const kind = ALERT.exec(tokens[0]?.raw ?? '')?.[1];
        if (kind === undefined) return `<blockquote>${html}</blockquote>`;
        const rest = html.replace(/\[!\w+\]\s*(?:<br\s*\/?>)?/, '');
        return `<blockquote class="alert ${kind.toLowerCase()}"><strong>${kind}</strong>${rest}</blockquote>`;
      },
    },
  });
  return marked.parse(body, { async: false });
}

function sanitize(html: string): string {
  return html
    .replace(/<!--[\s\S]*?(?:-->|$)/g, '')
    .split(/(<[^<>]*>)/)
    .map((part) => (KEPT_TAGS.test(part) ? part : escapeHtml(part)))
    .join('');
}

function suggestion(replaced: readonly string[], text: string): string {
  const row = (kind: string, line: string): string => `<div class="${kind}">${escapeHtml(line) || ' '}</div>`;
  const added = text === '' ? [] : text.split('\n');
  const rows = [...replaced.map((line) => row('del', line)), ...added.map((line) => row('add', line))];
  return `<div class="suggestion"><div class="caption">Suggested change</div><pre>${rows.join('')}</pre></div>`;
}

function diffLines(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const kind = line.startsWith('+') ? 'add' : line.startsWith('-') ? 'del' : '';
      return kind ? `<span class="${kind}">${escapeHtml(line)}</span>` : escapeHtml(line);
    })
    .join('\n');
}
