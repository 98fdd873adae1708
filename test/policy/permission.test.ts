import { describe, expect, it } from 'vitest';
import { mayRun, ROLES, roleOf } from '../../src/policy/permission.ts';

describe('roleOf', () => {
  it.each([
    ['read', 'triage', 'triage'],
    ['write', 'maintain', 'maintain'],
    ['admin', 'admin', 'admin'],
    ['write', 'release-captain', 'write'],
    ['read', null, 'read'],
    ['none', '', 'none'],
    ['owner', 'owner', 'none'],
  ])('%s / %s is %s', (permission, roleName, role) => {
    expect(roleOf({ permission, roleName })).toBe(role);
  });
});

describe('mayRun', () => {
  const allowed = (verb: 'rescan' | 'help', isAuthor: boolean): readonly string[] =>
    ROLES.filter((role) => mayRun(verb, { role, isAuthor, isBot: false }).allowed);

  it('lets the author and everybody from triage up rescan', () => {
    expect(allowed('rescan', true)).toEqual(ROLES);
    expect(allowed('rescan', false)).toEqual(['triage', 'write', 'maintain', 'admin']);
  });

  it('helps anyone', () => {
    expect(allowed('help', false)).toEqual(ROLES);
  });

  it('says what would have been enough', () => {
    expect(mayRun('rescan', { role: 'read', isAuthor: false, isBot: false })).toEqual({
      allowed: false,
      needs: 'the author of the pull request, or the role triage',
    });
  });

  it('refuses bots, whatever their role', () => {
    expect(mayRun('help', { role: 'admin', isAuthor: true, isBot: true }).allowed).toBe(false);
  });
});
