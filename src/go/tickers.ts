import type { Edit } from '../engine/pass.ts';
import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { assignmentOf, insertBelow } from './assign.ts';
import { type Block, flow } from './cfg.ts';
import { flowNodeOf } from './escape.ts';
import { loopAround } from './pace.ts';
import { findOpenPath } from './paths.ts';
import { enclosingFunction, scopes } from './scope.ts';
import { around } from './timers.ts';
import type { Resource } from './uses.ts';
import { writtenTarget, writtenValue } from './values.ts';
import { receivesIn } from './within.ts';

/** Whoever gets its channel alone cannot stop it, but shall have it as long as it likes. */
export const TICKER: Resource = {
  parts: new Set(['C']),
  releases: new Set(['Stop']),
  releaser: /stop|close|cleanup/i,
  reads: (name) => /^fmt\.|^(?:log|log\/slog)\.\w+$/.test(name),
  wraps: () => false,
};

/** `defer t.Stop()` below the call that makes the ticker: right only for a plain `:=` that no loop repeats. */
export function stopBelow(call: Node): readonly Edit[] {
  const assignment = assignmentOf(call);
  if (assignment === null || !assignment.declares || loopAround(call) !== null) return [];
  const { statement, targets } = assignment;
  if (statement.parent?.kind !== 'statement_list') return [];
  return [insertBelow(statement, `defer ${targets[0]?.text}.Stop()`)];
}

/**
 * `case <-time.After(d):` of a select that control comes to again although another of its cases was taken: that case.
 * The timer of the turn before has then not fired yet. null when every other case leaves for good.
 */
export function caseThatRepeats(file: SourceFile, after: Node): Node | null {
  const receive = around(after).parent;
  const communication = receive?.parent;
  const func = enclosingFunction(after);
  if (!receive?.is('unary_expression') || !communication?.is('receive_statement') || func === null)
    return null;
  const cfg = file.get(flow).of(func);
  const own = cfg?.find(communication)?.block;
  const select = communication.parent?.parent;
  if (cfg === null || own === undefined || !select?.is('select_statement')) return null;
  const clauses = select.children.filter((c) => c.is('communication_case', 'default_case'));
  // One edge for each clause, in their order.
  const entry = cfg.blocks.find((b) => b.edges.some((e) => e.to === own));
  const rival = clauses.find((clause, i) => {
    const to = entry?.edges[i]?.to;
    return to !== undefined && to !== own && comesTo(to, own) && !isEnd(clause);
  });
  return rival ?? null;
}

/** `<-ctx.Done()`, `<-stop`: what is closed once would spin, so some other test ends the loop. */
function isEnd(clause: Node): boolean {
  if (!clause.is('communication_case')) return false;
  const channel = receivesIn(clause.field('communication'))[0]?.field('operand');
  return channel !== undefined && ENDS.test(channel.text);
}

const ENDS = /(?:done|stop|quit|clos(?:e|ing|ed)|exit|shutdown|term|abort|cancel)\w*(?:\(\))?$/i;

function comesTo(from: Block, to: Block): boolean {
  const seen = new Set([from]);
  for (const block of seen) for (const edge of block.edges) seen.add(edge.to);
  return seen.has(to);
}

export type TickerEnd =
  /** The function is left, or the next turn of a loop makes another one; nobody can stop the one before. */
  | { readonly kind: 'left'; readonly last: Node; readonly atEnd: boolean; readonly line: number }
  | { readonly kind: 'again' }
  | { readonly kind: 'unknown' };

/**
 * What becomes of a ticker of which only the channel is kept. null: the function lasts as long as the program, or the
 * channel goes to somebody who may.
 */
export function endOfChannel(file: SourceFile, channel: Node): TickerEnd | null {
  const func = enclosingFunction(channel);
  const cfg = func === null ? null : file.get(flow).of(func);
  const from = cfg === null ? null : flowNodeOf(cfg, channel);
  if (cfg === null || from === null || !isOnlyReceived(file, channel)) return null;
  if (cfg.hasGoto) return { kind: 'unknown' };
  // What a range goes over is evaluated once.
  const againIsExit = !from.is('range_clause');
  const path = findOpenPath({ file, cfg, from, ends: () => false, againIsExit });
  if (path.kind !== 'path') return path.kind === 'unknown' ? path : null;
  if (path.exit === 'again') return { kind: 'again' };
  const atEnd = path.exit === 'end';
  return { kind: 'left', last: path.last, atEnd, line: atEnd ? path.last.endLine : path.last.line };
}

function isOnlyReceived(file: SourceFile, channel: Node): boolean {
  if (isReceived(channel)) return true;
  const target = writtenTarget(around(channel).inner);
  const variable = target?.is('identifier') ? file.get(scopes).definitionOf(target) : null;
  if (variable == null || variable.func !== enclosingFunction(channel)) return false;
  return variable.uses.every(
    (use) => enclosingFunction(use) === variable.func && (isReceived(use) || writtenValue(use) !== null),
  );
}

function isReceived(channel: Node): boolean {
  const { parent } = around(channel);
  return (
    parent?.is('range_clause') === true ||
    (parent?.is('unary_expression') === true && parent.field('operator').text === '<-')
  );
}
