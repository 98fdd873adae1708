import type { Verb } from './command.ts';

/** GitHub's repository roles, weakest first. */
export const ROLES = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What `GET /repos/{owner}/{repo}/collaborators/{user}/permission` answers. */
export interface PermissionAnswer {
  /** The base of the role: `admin`, `write`, `read` or `none`. It knows neither `triage` nor `maintain`. */
  readonly permission: string;
  /** The exact role, which may be one of the organisation's own. */
  readonly roleName: string | null;
}

export interface Caller {
  readonly role: Role;
  readonly isAuthor: boolean;
  readonly isBot: boolean;
}

/** A refusal names what would have been enough. */
export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly needs: string };

interface Requirement {
  readonly role: Role;
  /** The author of the pull request may as well, whatever their role. */
  readonly orAuthor: boolean;
}

const REQUIREMENTS: Readonly<Record<Verb, Requirement>> = {
  rescan: { role: 'triage', orAuthor: true },
  help: { role: 'none', orAuthor: false },
};

/** The role behind GitHub's answer. A custom role counts as its base; an unknown answer as no role at all. */
export function roleOf(answer: PermissionAnswer): Role {
  return known(answer.roleName) ?? known(answer.permission) ?? 'none';
}

function known(name: string | null): Role | null {
  return ROLES.find((role) => role === name) ?? null;
}

/** Whether the caller may run the verb. Bots never may: two of them could keep each other busy for ever. */
export function mayRun(verb: Verb, caller: Caller): Decision {
  if (caller.isBot) return { allowed: false, needs: 'a human' };
  const { role, orAuthor } = REQUIREMENTS[verb];
  if (orAuthor && caller.isAuthor) return { allowed: true };
  if (ROLES.indexOf(caller.role) >= ROLES.indexOf(role)) return { allowed: true };
  return {
    allowed: false,
    needs: orAuthor ? `the author of the pull request, or the role ${role}` : `the role ${role}`,
  };
}

/** Whether the caller may vouch for code that could not be decided: whoever may write, but not about their own change. */
export function mayAttest({ role, isAuthor, isBot }: Caller): boolean {
  return !isBot && !isAuthor && ROLES.indexOf(role) >= ROLES.indexOf('write');
}
