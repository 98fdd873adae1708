/** What one of our check runs is about, as written into its `external_id`. */
export type CheckTarget =
  | {
      readonly kind: 'pull';
      readonly owner: string;
      readonly name: string;
      readonly number: number;
      readonly sha: string;
    }
  | {
      readonly kind: 'group';
      readonly owner: string;
      readonly name: string;
      readonly headRef: string;
      readonly sha: string;
      readonly base: string;
      readonly baseRef: string;
    };

/**
 * `reefpilot:<owner>/<name>#<n>@<sha>` for a pull request. A merge group's says all that its event said, since a
 * re-run brings nothing but the run: `reefpilot-group:<owner>/<name>@<sha>..<base> <base ref> <head ref>`.
 */
export function externalId(target: CheckTarget): string {
  const where = `${target.owner}/${target.name}`;
  if (target.kind === 'pull') return `reefpilot:${where}#${target.number}@${target.sha}`;
  return `reefpilot-group:${where}@${target.sha}..${target.base} ${target.baseRef} ${target.headRef}`;
}

const PULL = /^reefpilot:([^/\s]+)\/([^#\s]+)#(\d+)@([0-9a-f]{40,64})$/;
const GROUP = /^reefpilot-group:([^/\s]+)\/([^@\s]+)@([0-9a-f]{40,64})\.\.([0-9a-f]{40,64}) (\S+) (\S+)$/;

/** Null when the run is not one that we would have made. */
export function parseExternalId(id: string): CheckTarget | null {
  const pull = PULL.exec(id);
  if (pull !== null) {
    const [, owner = '', name = '', number = '', sha = ''] = pull;
    return { kind: 'pull', owner, name, number: Number(number), sha };
  }
  const group = GROUP.exec(id);
  if (group === null) return null;
  const [, owner = '', name = '', sha = '', base = '', baseRef = '', headRef = ''] = group;
  return { kind: 'group', owner, name, sha, base, baseRef, headRef };
}
