import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { isBlank } from './assign.ts';
import { calleeName, calleeOf, unparen } from './calls.ts';
import type { Cfg } from './cfg.ts';
import { findOpenPath, variable } from './paths.ts';
import { packageOf } from './readtype.ts';
import { type Definition, enclosingFunction, type FuncNode, scopes } from './scope.ts';
import { writtenValue } from './values.ts';
import { receivesIn, within } from './within.ts';

export interface WayQuery {
  readonly file: SourceFile;
  readonly cfg: Cfg;
  /** The way starts right behind this node of the graph. */
  readonly from: Node;
  /** It has arrived where a node contains this one; null: where the function is left. */
  readonly to: Node | null;
  /** Nodes behind which nothing is left of what happened at `from`. */
  readonly ends: (node: Node) => boolean;
  /** Conditions that speak about the timer itself. */
  readonly aboutTimer: (node: Node) => boolean;
}

/**
 * `way`: control can come from one to the other. `maybe`: only by conditions that may know what happened at `from`: a
 * flag, the length of a batch, a field. A program that is right has just such a condition, so nothing is proved.
 */
export type Way = 'way' | 'maybe' | 'none';

export function wayBetween(query: WayQuery): Way {
  const { file, cfg, from, to } = query;
  if (cfg.hasGoto) return 'maybe';
  const search = (stops: (node: Node) => boolean) =>
    findOpenPath({
      file,
      cfg,
      from,
      ends: (node) => query.ends(node) || stops(node),
      ...(to === null
        ? {}
        : { lost: (node: Node) => node.contains(to), againIsExit: from.contains(to), mayLeave: true }),
    });
  const sure = search((node) => !query.aboutTimer(node) && mayRecall(file, node));
  if (sure.kind === 'path') return 'way';
  return search(() => false).kind === 'none' ? 'none' : 'maybe';
}

/** A condition, a value that is switched on, or a channel that is waited for, that may depend on what happened before. */
function mayRecall(file: SourceFile, node: Node): boolean {
  if (/_(?:statement|declaration|clause)$/.test(node.kind) && !node.is('receive_statement')) return false;
  // The counter of a loop counts turns.
  if (node.parent?.is('for_clause')) return false;
  const asked = node.is('receive_statement') ? node.field('right') : node;
  return (
    (node.is('receive_statement') && isFed(file, receivesIn(asked)[0], node.ancestor('for_statement'))) ||
    within(asked, 'index_expression').length > 0 ||
    within(asked, 'selector_expression').some((s) => isState(file, s)) ||
    within(asked, 'call_expression').some((call) => !isFresh(file, call)) ||
    within(asked, 'identifier').some((name) => {
      const d = file.get(scopes).definitionOf(name);
      return d !== null && (d.func === null ? d.kind === 'var' && asked === node : isMoved(d, file));
    })
  );
}

/** The loop itself, or what it starts, sends to the channel or hands it on: a message may say that the timer has fired. */
function isFed(file: SourceFile, receive: Node<'unary_expression'> | undefined, loop: Node | null): boolean {
  const channel = receive?.field('operand');
  if (channel === undefined || loop === null) return false;
  // It is nil until something has happened.
  const site = variable(file, channel)?.site;
  if (site?.is('var_spec') && site.field('value') === null) return true;
  const isChannel = (e: Node) => e.kind === channel.kind && e.text === channel.text;
  return (
    within(loop, 'send_statement').some((s) => isChannel(s.field('channel'))) ||
    within(loop, 'argument_list').some((list) => list.children.some(isChannel))
  );
}

/** A field is read: anybody may have written it. Waiting for a channel that is kept in one is no question. */
function isState(file: SourceFile, s: Node<'selector_expression'>): boolean {
  const { parent } = s;
  if (parent?.is('call_expression') && parent.field('function') === s) return false;
  if (parent?.is('unary_expression') && parent.field('operator').text === '<-') return false;
  return packageOf(file, s.field('operand')) === null;
}

/** The answer is about the world, or about the arguments alone: functions of other packages, and contexts. */
function isFresh(file: SourceFile, call: Node<'call_expression'>): boolean {
  const callee = calleeOf(file, call);
  return callee.kind === 'func' || /^\(context\.Context\)\./.test(calleeName(file, call));
}

/** The variable gets a value again that no call has just returned: it remembers. */
function isMoved(d: Definition, file: SourceFile): boolean {
  return d.uses.some((use) => {
    const { parent } = use;
    if (parent?.is('inc_statement', 'dec_statement')) return true;
    if (parent?.is('unary_expression') && parent.field('operator').text === '&') return true;
    const value = writtenValue(use);
    const owner = parent?.is('expression_list') ? parent.parent : null;
    const isTarget = owner?.is('range_clause', 'receive_statement') && owner.field('left') === parent;
    if (value === null && isTarget !== true) return false;
    if (enclosingFunction(use) !== d.func) return true;
    const call = value === null ? null : unparen(value);
    return call !== null && !(call.is('call_expression') && isFromOutside(file, call));
  });
}

function isFromOutside(file: SourceFile, call: Node<'call_expression'>): boolean {
  return calleeOf(file, call).kind !== 'builtin';
}

/** The statement that puts a literal off to the end of the function around it. */
export function deferOf(literal: FuncNode): Node<'defer_statement'> | null {
  const call = literal.parent;
  if (!call?.is('call_expression') || call.field('function') !== literal) return null;
  return call.parent?.is('defer_statement') ? call.parent : null;
}

/** What a deferred call, or one in a goroutine of its own, does comes at another time. */
export const isPutOff = (call: Node) => call.parent?.is('defer_statement', 'go_statement') === true;

/** `t.Stop()` or `_ = t.Stop()`: nobody looks whether the timer had fired. */
export function bareStatement(stop: Node): Node | null {
  const { parent } = stop;
  if (parent?.is('expression_statement')) return parent;
  const statement = parent?.parent;
  const isIgnored =
    statement?.is('assignment_statement') === true && statement.field('left').children.every(isBlank);
  return isIgnored ? statement : null;
}
