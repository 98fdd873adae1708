import type { Analysis, SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeOf, unparen } from './calls.ts';
import { constantInt } from './constants.ts';
import { type Definition, enclosingFunction, FUNCTION_KINDS, type FuncNode, scopes } from './scope.ts';
import { types, underlying } from './types.ts';
import { valuesOf, writtenValue } from './values.ts';

/** One place where a channel takes part in something. */
export interface ChannelUse {
  /** `escape`: the channel is handed on, stored or compared, so that others may use it unseen. */
  readonly kind: 'send' | 'receive' | 'range' | 'close' | 'measure' | 'return' | 'escape';
  /** The send statement, the receive expression, the range clause, the call, or the identifier that escapes. */
  readonly at: Node;
  /** The function that runs it: a literal called or deferred in place belongs to the function around it. */
  readonly by: FuncNode;
  /** Runs in a deferred literal, or is a deferred call: where it stands says nothing about when it happens. */
  readonly deferred: boolean;
  /** The select case whose communication this is. */
  readonly arm: Node<'communication_case'> | null;
}

/** A variable that holds one channel from its `make` to the end of its scope. */
export interface LocalChannel {
  readonly definition: Definition;
  /** Function whose frame holds it. */
  readonly func: FuncNode;
  readonly make: Node<'call_expression'>;
  /** null when it is not a constant. */
  readonly capacity: number | null;
  /** In source order; uses by goroutine literals that get it as an argument are among them. */
  readonly uses: readonly ChannelUse[];
}

export interface Channels {
  /** Channels made in a function's own frame and never replaced by another, in source order. */
  of(func: FuncNode): readonly LocalChannel[];
}

export const channels: Analysis<Channels> = {
  name: 'channels',
  run(file) {
    const known = new Map<number, readonly LocalChannel[]>();
    return {
      of(func) {
        let found = known.get(func.id);
        if (found === undefined) {
          found = file
            .get(scopes)
            .inFunction(func)
            .flatMap((d) => localChannel(file, func, d) ?? []);
          known.set(func.id, found);
        }
        return found;
      },
    };
  },
};

/** The go statement that starts a function literal where it stands. */
export function startOf(func: FuncNode): Node<'go_statement'> | null {
  const call = func.parent;
  if (!call?.is('call_expression') || call.field('function') !== func) return null;
  return call.parent?.is('go_statement') ? call.parent : null;
}

/** The select that decides whether a use happens; null when nothing competes with it. */
export function selectOf(use: ChannelUse): Node<'select_statement'> | null {
  const select = use.arm?.parent;
  return select?.is('select_statement') && select.children.length > 1 ? select : null;
}

/** Innermost loop around a node through whose turns the channel lives on; null when each turn makes its own. */
export function sharedLoop(node: Node, channel: LocalChannel): Node<'for_statement'> | null {
  const loop = node.ancestor('for_statement');
  return loop !== null && channel.func.contains(loop) && !loop.contains(channel.make) ? loop : null;
}

function localChannel(file: SourceFile, func: FuncNode, d: Definition): LocalChannel | null {
  if (d.kind !== 'var') return null;
  const values = valuesOf(d);
  const only = values?.length === 1 && values[0] !== undefined ? unparen(values[0]) : null;
  if (!only?.is('call_expression')) return null;
  const callee = calleeOf(file, only);
  if (callee.kind !== 'builtin' || callee.name !== 'make') return null;
  const [type, size] = only.field('arguments').children;
  if (type === undefined || underlying(file, file.get(types).read(type)).kind !== 'chan') return null;
  const capacity = size === undefined ? 0 : constantInt(file, size);
  const uses = usesOf(file, d).sort((a, b) => a.at.id - b.at.id);
  return { definition: d, func, make: only, capacity, uses };
}

function usesOf(file: SourceFile, d: Definition): ChannelUse[] {
  return d.uses.flatMap((use): readonly ChannelUse[] => {
    // `var ch chan T` that gets its channel later: the write is the make.
    if (writtenValue(use) !== null) return [];
    const parameter = parameterFor(file, use);
    return parameter !== null ? usesOf(file, parameter) : [operation(use)];
  });
}

/** `go func(c chan<- T) { … }(ch)`: inside the literal the channel is called c. */
function parameterFor(file: SourceFile, argument: Node): Definition | null {
  const list = argument.parent;
  const call = list?.parent;
  if (!list?.is('argument_list') || !call?.is('call_expression')) return null;
  const literal = unparen(call.field('function'));
  if (!literal.is('func_literal')) return null;
  const parameters = literal
    .field('parameters')
    .children.flatMap((p) => (p.is('parameter_declaration') ? p.fields('name') : [p]));
  const name = parameters[list.children.indexOf(argument)];
  const parameter = name?.is('identifier') ? file.get(scopes).definitionOf(name) : null;
  return parameter?.uses.every((use) => writtenValue(use) === null) ? parameter : null;
}

function operation(use: Node): ChannelUse {
  let inner = use;
  while (inner.parent?.is('parenthesized_expression')) inner = inner.parent;
  const outer = inner.parent;
  let kind: ChannelUse['kind'] = 'escape';
  let at: Node = use;
  if (outer?.is('send_statement') && outer.field('channel') === inner) [kind, at] = ['send', outer];
  else if (outer?.is('unary_expression') && outer.field('operator').text === '<-')
    [kind, at] = ['receive', outer];
  else if (outer?.is('range_clause') && outer.field('right') === inner) [kind, at] = ['range', outer];
  else if (outer?.is('argument_list') && outer.parent?.is('call_expression')) {
    const name = outer.parent.field('function').text;
    if (name === 'close' || name === 'len' || name === 'cap')
      [kind, at] = [name === 'close' ? 'close' : 'measure', outer.parent];
  } else if (outer?.is('expression_list') && outer.parent?.is('return_statement')) kind = 'return';
  const host = hostOf(at);
  return { kind, at, ...host, arm: armOf(at) };
}

function hostOf(at: Node): { readonly by: FuncNode; readonly deferred: boolean } {
  let deferred = at.parent?.is('defer_statement') ?? false;
  let by = enclosingFunction(at) as FuncNode;
  for (;;) {
    const call = by.parent;
    const inPlace = by.is('func_literal') && call?.is('call_expression') && call.field('function') === by;
    const around = inPlace && !call.parent?.is('go_statement') ? call.ancestor(...FUNCTION_KINDS) : null;
    if (around === null) return { by, deferred };
    deferred ||= call?.parent?.is('defer_statement') ?? false;
    by = around;
  }
}

function armOf(at: Node): Node<'communication_case'> | null {
  const communication = at.parent?.is('receive_statement') ? at.parent : at;
  const arm = communication.parent;
  return arm?.is('communication_case') && arm.field('communication') === communication ? arm : null;
}
