import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globMatcher } from '../../src/engine/globs.ts';

const matches = (pattern: string, path: string) => globMatcher([pattern])(path);

describe('globs', () => {
  it.each([
    ['*.go', 'a.go', true],
    ['*.go', 'deep/in/a.go', true],
    ['/*.go', 'deep/a.go', false],
    ['mocks', 'a/mocks/x.go', true],
    ['mocks/', 'a/mocks/x.go', true],
    ['internal/gen', 'internal/gen/x.go', true],
    ['internal/gen', 'other/internal/gen/x.go', false],
    ['internal/**', 'internal/a/b.go', true],
    ['internal/**', 'internal', false],
    ['**/mock_*.go', 'mock_a.go', true],
    ['**/mock_*.go', 'a/b/mock_a.go', true],
    ['a/**/z.go', 'a/z.go', true],
    ['a/**/z.go', 'a/b/c/z.go', true],
    ['a/**/z.go', 'b/z.go', false],
    ['?.go', 'a.go', true],
    ['?.go', 'ab.go', false],
    ['a*b*c.go', 'aXbXbXc.go', true],
    ['a.go', 'axgo', false],
    ['', 'a.go', false],
    ['/', 'a.go', false],
    ['**', 'a.go', true],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });

  it('agrees with the obvious exponential matcher', () => {
    const segment = fc.stringMatching(/^[ab*?]{1,4}$/).filter((s) => s !== '.' && s !== '..');
    const name = fc.stringMatching(/^[ab]{1,4}$/);
    fc.assert(
      fc.property(
        fc.array(fc.oneof(segment, fc.constant('**')), { minLength: 2, maxLength: 4 }),
        fc.array(name, { minLength: 1, maxLength: 5 }),
        (pattern, path) => {
          expect(matches(pattern.join('/'), path.join('/'))).toBe(naive(pattern, path));
        },
      ),
      { numRuns: 2000 },
    );
  });

  // Backtracking would not end within anybody's lifetime.
  it('ends on patterns made to backtrack', () => {
    expect(matches(`**/a*${'/**/*a*a*a*a'.repeat(20)}/x`, `${'aaaaaaaaaaaa/'.repeat(60)}b`)).toBe(false);
    expect(matches('*a'.repeat(60), `${'a'.repeat(4000)}b`)).toBe(false);
  });
});

function naive(pattern: readonly string[], path: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return true;
  if (head === '**') {
    if (rest.length === 0) return path.length > 0;
    return path.some((_, i) => naive(rest, path.slice(i))) || naive(rest, []);
  }
  const [name, ...below] = path;
  return name !== undefined && naiveName(head, name) && naive(rest, below);
}

function naiveName(pattern: string, name: string): boolean {
  if (pattern === '') return name === '';
  if (pattern[0] === '*')
    return naiveName(pattern.slice(1), name) || (name !== '' && naiveName(pattern, name.slice(1)));
  return (
    name !== '' &&
    (pattern[0] === '?' || pattern[0] === name[0]) &&
    naiveName(pattern.slice(1), name.slice(1))
  );
}
