import type { Finding } from '../engine/verdict.ts';
import { codeSpan, plainText } from './escape.ts';
import type { Observation } from './model.ts';

/** A longer address would eat the comment it stands in; the label alone then names the place. */
const MAX_URL = 1000;
const MAX_LABEL = 120;

/** Builds links to code and to rule pages, and keeps untrusted parts of them inside the URL. */
export interface Links {
  /** `path:line`, linked to that line at the head commit. */
  readonly site: (site: Site) => string;
  /** `L12`, linked to that line at the head commit: for text whose file is clear. */
  readonly line: (site: Site) => string;
  /** `L12` of the merge base: a line that the change deleted. */
  readonly lineBefore: (site: Site) => string;
  /** The abbreviated sha, linked to the commit. */
  readonly commit: (sha: string) => string;
  /** The address of a rule's page. */
  readonly rule: (finding: Pick<Finding, 'group' | 'rule'>) => string;
}

export interface Site {
  readonly path: string;
  readonly line: number;
}

/** Links for one pull request; the repository's address is that of the pull request, so GHES works too. */
export function linksFor(pr: Observation['pr'], docsUrl: string): Links {
  const repo = pr.url.replace(/\/pull\/\d+.*$/, '');
  const docs = docsUrl.replace(/\/+$/, '');
  const codeAt =
    (sha: string) =>
    ({ path, line }: Site): string =>
      `${repo}/blob/${encode(sha)}/${path.split('/').map(encode).join('/')}#L${line}`;
  const code = codeAt(pr.headSha);
  const codeBefore = codeAt(pr.mergeBaseSha);
  return {
    site: (site) => link(codeSpan(`${tail(site.path)}:${site.line}`), code(site)),
    line: (site) => link(`L${site.line}`, code(site)),
    lineBefore: (site) => link(`L${site.line}`, codeBefore(site)),
    commit: (sha) => link(codeSpan(sha.slice(0, 7)), `${repo}/commit/${encode(sha)}`),
    rule: (finding) => `${docs}/${encode(finding.group)}/${encode(finding.rule)}/README.md`,
  };
}

function link(label: string, url: string): string {
  return url.length > MAX_URL ? label : `[${label}](${url})`;
}

/** The end of a path says more than its beginning. */
function tail(path: string): string {
  const clean = plainText(path, path.length);
  return clean.length > MAX_LABEL ? `…${clean.slice(-MAX_LABEL)}` : clean;
}

/** Also the characters that `encodeURIComponent` leaves but that mean something in a Markdown link. */
function encode(segment: string): string {
  return encodeURIComponent(segment.replace(/\p{Cs}/gu, '\ufffd')).replace(
    /[!'()*_~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
