import { describe, expect, it } from 'vitest';
import lostCancel from '../../rules/context/lost-cancel/rule.ts';
import { analyse } from '../../src/engine/analyse.ts';
import { defineRule } from '../../src/engine/rule.ts';
import { DEFAULT_SETTINGS } from '../../src/engine/snapshot.ts';
import { flow } from '../../src/go/cfg.ts';
import type { FuncNode } from '../../src/go/scope.ts';
import { loadGoParser } from '../../src/parser.ts';

const parser = await loadGoParser('wasm');

function verdictOf(files: Readonly<Record<string, string>>, rules = [lostCancel]) {
  const headFiles = Object.entries(files).map(([path, text]) => ({ path, oid: '', text }));
  return analyse(
    {
      repo: 'acme/pay',
      base: null,
      head: 'head',
      today: '2026-06-15',
      changes: [],
      headFiles,
      baseFiles: [],
      partialPackages: [],
      skipped: [],
      settings: DEFAULT_SETTINGS,
    },
    { parser, rules, version: 'test' },
  );
}

const HEADER = 'package pay\n\nimport "context"\n\n';
const func = (name: string, body: string, flags = '') =>
  `func ${name}(p context.Context${flags}) error {\n\tctx, cancel := context.WithCancel(p)\n${body}\n\treturn ctx.Err()\n}\n`;
const JUMPS = 'again:\n\tif p.Err() != nil {\n\t\tgoto again\n\t}\n\tcancel()';
const CLEAN = func('clean', '\tdefer cancel()');

/** Many questions, each asked twice: every mix of answers is a state of its own. */
const names = Array.from({ length: 14 }, (_, i) => `x${i}`);
const ifs = names.map((x) => `if ${x} {\n_ = p.Err()\n}`).join('\n');
const MANY = func('many', `${ifs}\n${ifs}\ncancel()`, `, ${names.join(', ')} bool`);

describe('functions whose control flow is not followed', () => {
  it('are named with the reason; the file stays analysed, the sites are undecided, the conclusion is green', () => {
    const literal = `var later = ${func('', JUMPS).replace('func ', 'func')}`;
    const method = func('(c *Client) Pay', JUMPS);
    const verdict = verdictOf({
      'a.go':
        HEADER + [func('jumps', JUMPS), CLEAN, MANY, literal, 'type Client struct{}\n', method].join('\n'),
    });
    expect(verdict.ledger).toEqual([
      {
        path: 'a.go',
        status: 'analysed',
        reason:
          'control flow not followed: jumps (goto), many (budget), var_declaration later (goto), (*Client).Pay (goto)',
        functionsSkipped: ['jumps', 'many', 'var_declaration later', '(*Client).Pay'],
      },
    ]);
    expect(verdict.obligations.map((o) => o.verdict)).toEqual([
      'unknown',
      'met',
      'unknown',
      'unknown',
      'unknown',
    ]);
    expect(verdict.conclusion).toBe('success');
    expect(verdict.checklist.find((line) => line.group === 'context')?.state).toBe('attest');
  });

  it('are not named where nobody asks about their flow', () => {
    const verdict = verdictOf({ 'a.go': `${HEADER}func f() {\nagain:\n\tgoto again\n}\n${CLEAN}` });
    expect(verdict.ledger).toEqual([{ path: 'a.go', status: 'analysed', reason: '', functionsSkipped: [] }]);
  });

  it('do not hide that something else of the file was not analysed', () => {
    const verdict = verdictOf({
      'a.go': `${HEADER}${func('jumps', JUMPS)}func broken() {\n\tx := := 1\n}\n`,
    });
    expect(verdict.ledger).toEqual([
      {
        path: 'a.go',
        status: 'partial',
        reason: 'syntax error near line 15; control flow not followed: jumps (goto)',
        functionsSkipped: ['broken', 'jumps'],
      },
    ]);
    expect(verdict.conclusion).toBe('neutral');
  });

  it('are named in their own file, whichever file and rule asks, in source order', () => {
    const asking = defineRule({
      ...lostCancel,
      on: {
        package_clause: (_, pass) => {
          // From the last function of the package to the first.
          for (const file of [...pass.pkg.files].reverse())
            for (const f of [...file.tree.root.descendants('function_declaration')].reverse())
              if (pass.file.path === 'b.go') file.get(flow).of(f as FuncNode);
        },
      },
    });
    const jumping = (name: string) => `func ${name}() {\nagain:\n\tgoto again\n}\n`;
    const { ledger } = verdictOf(
      {
        'a.go': `package pay\n${jumping('one')}${jumping('two')}`,
        'b.go': `package pay\n${jumping('three')}`,
      },
      [asking],
    );
    expect(ledger.map((e) => e.functionsSkipped)).toEqual([['one', 'two'], ['three']]);
  });
});
