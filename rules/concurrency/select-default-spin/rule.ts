import type { Edit } from '../../../src/engine/pass.ts';
import { defineRule } from '../../../src/engine/rule.ts';
import type { SourceFile } from '../../../src/engine/source.ts';
import { calleeName } from '../../../src/go/calls.ts';
import { assignedIn } from '../../../src/go/facts.ts';
import { mentions } from '../../../src/go/paths.ts';
import { isPrompt } from '../../../src/go/prompt.ts';
import { receivesIn, within } from '../../../src/go/within.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  spins: {
    en: 'nothing in `default` waits: while no case is ready the loop turns at full speed and keeps a CPU core busy',
    'zh-CN': '`default` 中没有任何等待：只要没有分支就绪，循环就会全速空转，占满一个 CPU 核',
  },
  loops: { en: 'the loop', 'zh-CN': '循环' },
} as const;

/** In the condition a clock would be a limit. */
const POLLS = /^(?:\(context\.Context\)\.Err|sync\/atomic\.Load\w+|\(\*sync\/atomic\.\w+\)\.Load)$/;
const LEAVES_OR_WAITS = [
  'return_statement',
  'break_statement',
  'goto_statement',
  'send_statement',
  'select_statement',
  'for_statement',
  'go_statement',
  'defer_statement',
] as const;

export default defineRule({
  id: 'select-default-spin',
  group: 'concurrency',
  severity: 'warning',
  confidence: 'high',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'endless loop around a select whose default does not wait',
    'zh-CN': '循环中的 select 带有不等待的 default 分支',
  },
  checklist: {
    en: 'Does every loop around a select wait when there is nothing to do?',
    'zh-CN': '每个包裹 select 的循环在无事可做时都会等待吗？',
  },
  aliases: ['SA5004', 'staticcheck'],
  texts,
  on: {
    for_statement(loop, pass) {
      const select = onlyStatement(loop.field('body'));
      // A test polls for a moment, also when the review is asked to look at tests.
      if (!select?.is('select_statement') || pass.file.isTest) return;
      const fallback = select.children.find((c) => c.is('default_case'));
      if (fallback === undefined || !mayTurnForEver(loop, fallback, pass.file)) return;
      const pause = pauseIn(fallback, pass.file);
      if (pause !== null) pass.met(fallback, pause);
      else if (turnsAtOnce(fallback, loop, pass.file) && select.children.every(onlyPolls)) {
        const fix = headerOf(loop) === null && select.children.length > 1 ? deletion(select, fallback) : [];
        pass.violated(fallback, { message: 'spins', trace: [{ at: loop, text: 'loops' }], fix });
      }
    },
  },
});

const calls = (node: Node) => within(node, 'call_expression');

function onlyStatement(block: Node): Node | null {
  const statements = block.children.flatMap((c) => (c.is('statement_list') ? c.children : [c]));
  return statements.length === 1 ? (statements[0] ?? null) : null;
}

const headerOf = (loop: Node<'for_statement'>) => loop.children.find((c) => !c.is('block')) ?? null;

/** No limit but a state that somebody else, or a case, changes: `for {`, `for !done {`, `for ctx.Err() == nil {`. */
function mayTurnForEver(loop: Node<'for_statement'>, fallback: Node, file: SourceFile): boolean {
  const header = headerOf(loop);
  if (header === null) return true;
  if (header.is('for_clause', 'range_clause')) return false;
  if (receivesIn(header).length > 0) return false;
  if (!calls(header).every((call) => POLLS.test(calleeName(file, call)))) return false;
  // `for tries < 100 { … default: tries++ }` ends by itself.
  const writes = fallback.descendants('assignment_statement', 'inc_statement', 'dec_statement');
  return ![...writes].some((w) => [...assignedIn(file, w)].some((d) => mentions(header, d)));
}

/** What makes `default` wait each time: a sleep, or a receive. */
function pauseIn(fallback: Node, file: SourceFile): Node | null {
  const sleeps = calls(fallback).filter((call) => calleeName(file, call) === 'time.Sleep');
  const always = (n: Node) => n.ancestor('statement_list')?.parent === fallback;
  return [...sleeps, ...receivesIn(fallback)].find(always) ?? null;
}

/** Comes back to the head of the loop at once: nothing leaves, blocks, or calls what might. */
function turnsAtOnce(fallback: Node, loop: Node, file: SourceFile): boolean {
  for (const _ of fallback.descendants(...LEAVES_OR_WAITS)) return false;
  const label = loop.parent?.is('labeled_statement') ? loop.parent.field('label').text : null;
  for (const again of fallback.descendants('continue_statement'))
    if (again.children[0] !== undefined && again.children[0].text !== label) return false;
  return calls(fallback).every((call) => isPrompt(file, call));
}

/** What a case waits for, or sends, is at hand: `<-ctx.Done()`, `<-w.Results()`, but not `ch <- next()`, which may wait. */
function onlyPolls(clause: Node): boolean {
  if (!clause.is('communication_case')) return true;
  const communication = clause.field('communication');
  const channel = communication.is('receive_statement') ? communication.field('right').children.at(-1) : null;
  return calls(communication).every((call) => call === channel);
}

/** Takes an empty `default:` out, with the line end before it; [] where that would take more along. */
function deletion(select: Node, fallback: Node): readonly Edit[] {
  const { tree, line } = fallback;
  if (!/^default:(?:\s*continue)*\s*$/.test(fallback.text)) return [];
  const last = fallback.children.at(-1)?.endLine ?? line;
  const after = select.children[select.children.indexOf(fallback) + 1]?.line ?? select.endLine;
  if (after <= last || tree.lineText(line).trim().search('default:') !== 0) return [];
  const end = tree.lineStart(last) + tree.lineText(last).length;
  return [{ start: tree.lineStart(line) - 1, end, text: '' }];
}
