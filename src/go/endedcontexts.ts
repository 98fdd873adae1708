import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, isContext, unparen } from './calls.ts';
import { type Cfg, flow } from './cfg.ts';
import { isDerived, MAX_DERIVED, parentOf } from './contextchain.ts';
import { flowNodeOf, receiversOf } from './escape.ts';
import { findOpenPath, variable } from './paths.ts';
import { reachable } from './reach.ts';
import { type Definition, enclosingFunction, type FuncNode } from './scope.ts';
import { isNamed } from './type.ts';
import { types } from './types.ts';
import { writtenValue } from './values.ts';

type Call = Node<'call_expression'>;

/** How a function ends a context of its own. */
export interface ContextEnds {
  /** `context.WithTimeout(…)` */
  readonly maker: Call;
  /** At least one, those that are deferred first. */
  readonly ends: readonly ContextEnd[];
  /** On every path from its making, before the caller goes on. */
  readonly always: boolean;
}

export interface ContextEnd {
  /** `defer cancel()`, `cancel()`, or the statement around `g.Wait()`. */
  readonly by: Node;
  /** The call that ends it, for a message. */
  readonly call: Call;
}

const MAKERS = /^(?:context\.With(?:Cancel|Timeout|Deadline)(?:Cause)?|os\/signal\.NotifyContext)$/;
const GROUP = 'golang.org/x/sync/errgroup.WithContext';

/**
 * How the function around `at` ends the context that an expression gives there: it cancels it, or waits for the group that
 * owns it. Empty when it leaves that to somebody else, or nothing is certain.
 */
export function endsOfContext(
  file: SourceFile,
  expression: Node,
  at: Node,
  depth = 0,
): readonly ContextEnds[] {
  const e = unparen(expression);
  const parent = parentOf(file, e);
  if (parent !== null) return depth < MAX_DERIVED ? endsOfContext(file, parent, at, depth + 1) : [];
  const d = variable(file, e);
  const func = enclosingFunction(at);
  const cfg = func === null ? null : file.get(flow).of(func);
  const use = cfg === null ? null : flowNodeOf(cfg, at);
  // What a closure sees may be another value by the time it runs.
  if (d === null || func === null || d.func !== func || cfg === null || cfg.hasGoto || use === null)
    return [];
  const writes = writesOf(d, cfg);
  const replaced = writes.filter(({ value }) => !isDerived(file, value, d)).map((w) => w.statement);
  return writes.flatMap(({ value, statement, name }): readonly ContextEnds[] => {
    if (!comesTo(file, cfg, statement, use, replaced)) return [];
    const own = value.is('call_expression') ? endsOfMade(file, value, name, { func, cfg, statement }) : [];
    const from = parentOf(file, value);
    const isOuter = from !== null && depth < MAX_DERIVED && variable(file, unparen(from)) !== d;
    return [...own, ...(isOuter ? endsOfContext(file, from, statement, depth + 1) : [])];
  });
}

interface Write {
  readonly name: Node;
  readonly value: Node;
  readonly statement: Node;
}

function writesOf(d: Definition, cfg: Cfg): readonly Write[] {
  return [d.node, ...d.uses].flatMap((name) => {
    const value = writtenValue(name);
    const statement = value === null ? null : flowNodeOf(cfg, name);
    return value === null || statement === null ? [] : [{ name, value, statement }];
  });
}

/** Whether a value that is written at one node can still be there at another. */
export function comesTo(
  file: SourceFile,
  cfg: Cfg,
  from: Node,
  to: Node,
  replaced: readonly Node[],
): boolean {
  const path = findOpenPath({
    file,
    cfg,
    from,
    lost: (node) => node === to,
    ends: (node) => node !== to && replaced.includes(node),
    mayLeave: true,
  });
  return path.kind === 'path';
}

interface Place {
  readonly func: FuncNode;
  readonly cfg: Cfg;
  /** Where the context is made. */
  readonly statement: Node;
}

/** `target` is the variable of the context: beside it stands what ends it. */
function endsOfMade(
  file: SourceFile,
  maker: Call,
  target: Node,
  { func, cfg, statement }: Place,
): readonly ContextEnds[] {
  const name = calleeName(file, maker);
  const isGroup = name === GROUP;
  if (!isGroup && !MAKERS.test(name) && !givesBoth(file, maker)) return [];
  const targets = receiversOf(maker) ?? [];
  const [context, owner] = isGroup ? [targets[1], targets[0]] : targets;
  const d = context !== target || owner === undefined ? null : variable(file, owner);
  if (d === null || d.func !== func) return [];
  const ends = d.uses.flatMap((use) => {
    const call = isGroup ? waitOn(use) : callOf(use);
    const by = call === null ? null : runAt(file, cfg, call);
    return call === null || by === null ? [] : [{ by, call }];
  });
  const writes = writesOf(d, cfg).map((w) => w.statement);
  const path = findOpenPath({
    file,
    cfg,
    from: statement,
    ends: (node) => ends.some((end) => end.by === node),
    lost: (node) => writes.includes(node),
  });
  if (ends.length === 0) return [];
  const isDeferred = (end: ContextEnd) => end.by.is('defer_statement');
  ends.sort((a, b) => Number(isDeferred(b)) - Number(isDeferred(a)));
  return [{ maker, ends, always: path.kind === 'none' }];
}

/** `s.withTimeout(ctx)` that returns a context and a context.CancelFunc: the one is for the other. */
function givesBoth(file: SourceFile, call: Call): boolean {
  const type = file.get(types).of(call);
  const [context, cancel] = type.kind === 'tuple' && type.of.length === 2 ? type.of : [];
  return (
    context !== undefined &&
    cancel !== undefined &&
    isContext(context) &&
    isNamed(cancel, 'context', 'CancelFunc')
  );
}

/** `cancel()` */
function callOf(use: Node): Call | null {
  return use.parent?.is('call_expression') && use.fieldName === 'function' ? use.parent : null;
}

/** `g.Wait()` */
function waitOn(use: Node): Call | null {
  const selector = use.parent;
  if (!selector?.is('selector_expression') || selector.field('field').text !== 'Wait') return null;
  return callOf(selector);
}

/** The node of the graph at which a call runs, or is deferred without a condition; null when neither is certain. */
function runAt(file: SourceFile, cfg: Cfg, call: Call): Node | null {
  const inside = enclosingFunction(call);
  if (inside === cfg.func) return call.parent?.is('go_statement') ? null : flowNodeOf(cfg, call);
  const made = inside?.parent;
  const deferred = made?.parent;
  if (!inside?.is('func_literal') || !made?.is('call_expression') || !deferred?.is('defer_statement'))
    return null;
  const body = file.get(flow).of(inside);
  const always = body !== null && !reachable(body, null, (node) => node.contains(call)).exits;
  return always && enclosingFunction(deferred) === cfg.func ? flowNodeOf(cfg, deferred) : null;
}
