import type { PackageAnalysis, SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { isBlank } from './assign.ts';
import { calleeOf } from './calls.ts';
import { flow } from './cfg.ts';
import { type ChannelUse, channels, type LocalChannel, selectOf, sharedLoop, startOf } from './channels.ts';
import { reachable } from './reach.ts';
import { enclosingFunction, type FuncNode } from './scope.ts';

/** A goroutine literal that sends to a channel of the function that starts it. */
export interface Sender {
  readonly channel: LocalChannel;
  readonly start: Node<'go_statement'>;
  readonly literal: Node<'func_literal'>;
  /** Its sends to the channel, at least one, in source order. */
  readonly sends: readonly ChannelUse[];
}

/** What the goroutine started here sends to, channel by channel; only literals are looked into. */
export function sendersAt(file: SourceFile, start: Node<'go_statement'>): readonly Sender[] {
  const func = enclosingFunction(start);
  const call = start.children[0];
  const literal = call?.is('call_expression') ? call.field('function') : null;
  if (func === null || !literal?.is('func_literal')) return [];
  return file
    .get(channels)
    .of(func)
    .flatMap((channel): readonly Sender[] => {
      const sends = channel.uses.filter((u) => u.kind === 'send' && u.by === literal);
      return sends.length === 0 ? [] : [{ channel, start, literal, sends }];
    });
}

/** Nobody else sends to the channel, and one run of the goroutine, of which there is one, sends once at most. */
export function sendsOnce(file: SourceFile, sender: Sender): boolean {
  const { channel, start, literal, sends } = sender;
  if (sharedLoop(start, channel) !== null) return false;
  if (channel.uses.some((u) => u.kind === 'escape' || (u.kind === 'send' && u.by !== literal))) return false;
  if (sends.some((s) => s.at.ancestor('for_statement', 'go_statement')?.is('for_statement'))) return false;
  const cfg = file.get(flow).of(literal);
  if (cfg === null || cfg.hasGoto) return false;
  if (sends.length === 1) return true;
  return sends.every((s) => {
    if (s.deferred || cfg.find(s.at) === null) return false;
    const later = reachable(cfg, s.at, () => false).nodes;
    return !sends.some((other) => later.has(other.at));
  });
}

/** Every run of the goroutine that comes to its end has sent, without an alternative. */
function alwaysSends(file: SourceFile, { literal, sends }: Sender): boolean {
  const cfg = file.get(flow).of(literal);
  const bare = sends.filter((s) => selectOf(s) === null);
  return cfg !== null && !reachable(cfg, null, (node) => bare.some((s) => node.contains(s.at))).exits;
}

/**
 * More goroutines that always send than there are receives: started turn by turn of a loop, or one below the other. The
 * answer is given for the last of them only. `receives` are all there are.
 */
export function isCrowd(file: SourceFile, sender: Sender, receives: readonly ChannelUse[]): boolean {
  const { channel, start } = sender;
  if (receives.some((r) => r.kind === 'range' || sharedLoop(r.at, channel) !== null)) return false;
  if (!alwaysSends(file, sender)) return false;
  const loop = sharedLoop(start, channel);
  if (loop !== null) {
    // Under a condition the goroutine may be started in one turn only.
    if (start.parent?.parent !== loop.field('body')) return false;
    const cfg = file.get(flow).of(channel.func);
    const taken = (node: Node) => receives.some((r) => node.contains(r.at));
    return cfg !== null && receives.length <= 1 && reachable(cfg, start, taken).nodes.has(start);
  }
  const group = (start.parent?.children ?? []).flatMap((s) =>
    s.is('go_statement') ? sendersAt(file, s).filter((o) => o.channel === channel) : [],
  );
  const sure = group.filter((o) => alwaysSends(file, o));
  return sure.length > 1 && sure.at(-1)?.start === start && sure.length > receives.length;
}

/** A call whose result is a channel that a goroutine of the callee sends to, and that is thrown away. */
export interface DiscardedSender {
  readonly name: string;
  readonly channel: LocalChannel;
  readonly send: Node;
}

/** Names of the package's functions and methods with a channel among their results. */
const givingChannels: PackageAnalysis<ReadonlySet<string>> = {
  name: 'givingChannels',
  run(pkg) {
    const all = pkg.files.flatMap((f) => f.tree.root.children);
    const functions = all.filter((d) => d.is('function_declaration', 'method_declaration'));
    return new Set(
      functions.flatMap((f) => (/\bchan\b/.test(f.field('result')?.text ?? '') ? f.field('name').text : [])),
    );
  },
};

export function discardedSender(file: SourceFile, call: Node<'call_expression'>): DiscardedSender | null {
  const name = /\w*$/.exec(call.field('function').text)?.[0] ?? '';
  if (!file.pkg.get(givingChannels).has(name) || !isThrownAway(call)) return null;
  const callee = calleeOf(file, call);
  if (callee.kind !== 'local') return null;
  const home = callee.declared.file;
  const func = callee.declared.node;
  for (const channel of home.get(channels).of(func)) {
    if (channel.capacity !== 0) continue;
    const send = sendBehindResult(channel, func);
    if (send !== null) return { name: callee.name, channel, send };
  }
  return null;
}

/** All results: who looks at an error that comes with the channel may know that there is no goroutine. */
function isThrownAway(call: Node): boolean {
  const { parent } = call;
  if (parent?.is('expression_statement', 'go_statement', 'defer_statement')) return true;
  const statement = parent?.is('expression_list') ? parent.parent : null;
  if (!statement?.is('assignment_statement') || parent?.children.length !== 1) return false;
  return statement.field('left').children.every(isBlank);
}

/** The bare send of a goroutine to a channel that nothing but a dropped result leads to. */
function sendBehindResult(channel: LocalChannel, func: FuncNode): Node | null {
  let send: Node | null = null;
  let returned = false;
  for (const use of channel.uses) {
    const inGoroutine = startOf(use.by) !== null;
    if (use.kind === 'return' && use.by === func) returned = true;
    else if (inGoroutine && use.kind === 'send') {
      if (selectOf(use) === null) send ??= use.at;
    } else if (!(inGoroutine && use.kind === 'close') && use.kind !== 'measure') return null;
  }
  return returned ? send : null;
}
