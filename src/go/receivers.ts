import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName } from './calls.ts';
import { type Cfg, flow } from './cfg.ts';
import { type ChannelUse, channels, type LocalChannel, selectOf, sharedLoop, startOf } from './channels.ts';
import { assignedIn } from './facts.ts';
import { findOpenPath, mentions, type PathResult } from './paths.ts';
import { reachable } from './reach.ts';
import { type Definition, FUNCTION_KINDS, type FuncNode, scopes } from './scope.ts';
import { isCrowd, type Sender, sendsOnce } from './senders.ts';
import { deref } from './type.ts';
import { types } from './types.ts';
import { within } from './within.ts';

/** What becomes of a goroutine's send to a channel of its starter. */
export type SendFate =
  /** It cannot wait for ever, because of `evidence`: a buffer, a receive on every path, another case of its select. */
  | { readonly kind: 'met'; readonly send: Node; readonly evidence: Node }
  /** The starter can leave without a receive: by the case `rival` of a select, where there is one on the path. */
  | {
      readonly kind: 'abandoned';
      readonly send: Node;
      readonly path: Extract<PathResult, { kind: 'path' }>;
      readonly rival: Node | null;
    }
  /** More goroutines send than there are receives. */
  | { readonly kind: 'crowd'; readonly send: Node; readonly receives: readonly ChannelUse[] }
  | { readonly kind: 'undecided'; readonly send: Node };

/** null where the channel can be used by others, so that nothing is known. */
export function fateOf(file: SourceFile, sender: Sender): SendFate | null {
  const { channel, start, sends } = sender;
  const send = sends.find((s) => selectOf(s) === null)?.at;
  if (send === undefined) {
    const way = sends.map(wayOut).find((clause) => clause !== null);
    return way && sends[0] !== undefined ? { kind: 'met', send: sends[0].at, evidence: way } : null;
  }
  if (channel.capacity !== 0) {
    const fits = channel.capacity !== null && sendsOnce(file, sender);
    return fits ? { kind: 'met', send, evidence: channel.make } : null;
  }
  const receives = ownReceives(channel);
  const cfg = file.get(flow).of(channel.func);
  if (receives === null || cfg === null || endsProcess(file, channel.func)) return null;
  if (cfg.hasGoto) return { kind: 'undecided', send };
  const path = abandonment(file, cfg, sender, receives);
  if (path.kind === 'unknown') return { kind: 'undecided', send };
  if (path.kind === 'path') {
    // Behind an earlier one another select may still receive.
    const arms = rivalArms(receives).filter((arm) => path.nodes.includes(arm));
    const rival = arms.sort((a, b) => path.nodes.indexOf(a) - path.nodes.indexOf(b)).at(-1) ?? null;
    return { kind: 'abandoned', send, path, rival };
  }
  if (isCrowd(file, sender, receives)) return { kind: 'crowd', send, receives };
  const evidence = receives[0]?.at;
  const known = evidence !== undefined && sharedLoop(start, channel) === null;
  return known ? { kind: 'met', send, evidence } : null;
}

/** The case by which a select gets round its send: `default`, or one that does not send, too. */
function wayOut(send: ChannelUse): Node | null {
  const clauses = selectOf(send)?.children ?? [];
  return (
    clauses.find((c) => !(c.is('communication_case') && c.field('communication').is('send_statement'))) ??
    null
  );
}

/** When main returns, its goroutines end with the process. */
function endsProcess(file: SourceFile, func: FuncNode): boolean {
  return file.pkg.isMain && func.is('function_declaration') && func.field('name').text === 'main';
}

/**
 * The receives of the channel when the starting function alone receives, by statements of its own, and never closes or
 * sends; null when others can take part, so that what they do would have to be known.
 */
function ownReceives(channel: LocalChannel): readonly ChannelUse[] | null {
  const receives: ChannelUse[] = [];
  for (const use of channel.uses) {
    if (startOf(use.by) !== null && (use.kind === 'send' || use.kind === 'close')) continue;
    if (use.kind === 'measure') continue;
    const own = use.by === channel.func && !use.deferred;
    if (!own || (use.kind !== 'receive' && use.kind !== 'range')) return null;
    receives.push(use);
  }
  return receives;
}

/**
 * A path on which the starting function leaves (or makes the channel of the next turn) with nobody left to receive what
 * the goroutine sends. Receives that stand in a loop or under a condition count when control gets that far: how often
 * they run, and how the condition goes with the goroutine, is not known.
 */
function abandonment(
  file: SourceFile,
  cfg: Cfg,
  sender: Sender,
  receives: readonly ChannelUse[],
): PathResult {
  const { channel, start } = sender;
  const joins = joinedBy(file, sender);
  const received = (node: Node) => receives.some((r) => node.contains(r.at));
  const silenced = silencedBy(sender);
  const recalls = recallsStart(file, start);
  const met = (node: Node) =>
    received(node) ||
    silenced(node) ||
    inReceivingLoop(node, channel, receives) ||
    joins(node) ||
    failsTest(file, node);
  const early = findOpenPath({
    file,
    cfg,
    from: start,
    againIsExit: sharedLoop(start, channel) === null,
    ends: (node) => met(node) || decides(node, start, receives) || recalls(node),
  });
  if (early.kind !== 'none') return early;
  const before = reachable(cfg, start, met).nodes;
  for (const arm of rivalArms(receives)) {
    if (!before.has(arm) || met(arm) || sharedLoop(arm, channel) !== null) continue;
    // Inside the case it is a choice of the case whether to receive; behind it the condition may recall which case it was.
    const free = (node: Node) => arm.parent?.contains(node) === true && goesWith(start, arm);
    const ends = (node: Node) =>
      met(node) || recalls(node) || (decides(node, start, receives) && !free(node));
    const left = findOpenPath({ file, cfg, from: arm, ends });
    if (left.kind === 'path') return { ...left, nodes: [arm, ...left.nodes] };
  }
  return early;
}

/** Communications of the other cases of selects that receive from the channel. */
function rivalArms(receives: readonly ChannelUse[]): readonly Node[] {
  return receives.flatMap((r) =>
    (selectOf(r)?.children ?? []).flatMap((c) =>
      c.is('communication_case') && c !== r.arm ? [c.field('communication')] : [],
    ),
  );
}

/** Where control is at `node`, it has been at the start: no condition or case has one without the other. */
function goesWith(start: Node, node: Node): boolean {
  const branch = start.ancestor(
    'if_statement',
    'expression_case',
    'type_case',
    'default_case',
    'communication_case',
  );
  return branch === null || branch.contains(node);
}

function inReceivingLoop(node: Node, channel: LocalChannel, receives: readonly ChannelUse[]): boolean {
  for (let loop = sharedLoop(node, channel); loop !== null; loop = sharedLoop(loop, channel))
    if (receives.some((r) => loop?.contains(r.at))) return true;
  return false;
}

/** A condition, or the value of a switch, under which a receive stands: it may well mean "if there is a goroutine". */
function decides(node: Node, start: Node, receives: readonly ChannelUse[]): boolean {
  for (let at: Node = node, around = node.parent; around !== null; at = around, around = around.parent) {
    if (around.is('block', 'statement_list')) return false;
    if (!around.is('if_statement', 'expression_switch_statement', 'type_switch_statement')) continue;
    const branch = at.is('block') || at.fieldName === 'alternative';
    if (branch || around.contains(start)) return false;
    return receives.some((r) => around?.contains(r.at));
  }
  return false;
}

/** `started = true` beside a start that not every path comes by: conditions on it know whether there is a goroutine. */
function recallsStart(file: SourceFile, start: Node): (node: Node) => boolean {
  const list = start.parent;
  const always = list?.parent?.parent?.is(...FUNCTION_KINDS) === true;
  const beside = always ? [] : (list?.children ?? []);
  const flags = beside.flatMap((s) =>
    s.is('assignment_statement', 'inc_statement') ? [...assignedIn(file, s)] : [],
  );
  return (node) => !node.kind.endsWith('_statement') && flags.some((flag) => mentions(node, flag));
}

/**
 * Nodes that wait for, or are told by, the goroutines of the function: `wg.Wait()`, a local channel that one of them sends
 * to or closes (or that is handed to somebody), a context that one of them cancels. Control that comes by there may know
 * that nothing will be sent.
 */
function joinedBy(file: SourceFile, { channel, literal }: Sender): (node: Node) => boolean {
  const { definitionOf } = file.get(scopes);
  const signals = new Set<Definition>();
  for (const other of file.get(channels).of(channel.func))
    if (other !== channel && other.uses.some((u) => u.kind === 'escape' || toldBy(u, channel)))
      signals.add(other.definition);
  for (const d of file.get(scopes).inFunction(channel.func)) {
    if (!/cancel|stop/i.test(d.name) || !mentions(literal, d)) continue;
    for (const sibling of file.get(scopes).inFunction(channel.func))
      if (sibling.site === d.site && sibling !== d) signals.add(sibling);
  }
  const waitsFor = (node: Node) => {
    for (const selector of within(node, 'selector_expression')) {
      if (selector.field('field').text !== 'Wait') continue;
      const d = definitionOf(rootOf(selector));
      if (d !== null && mentions(literal, d)) return true;
    }
    return false;
  };
  return (node) => [...signals].some((d) => mentions(node, d)) || waitsFor(node);
}

const toldBy = (use: ChannelUse, channel: LocalChannel) =>
  use.by !== channel.func && (use.kind === 'send' || use.kind === 'close');

/** `s` of `s.group.wg.Wait`. */
function rootOf(selector: Node): Node {
  let at = selector;
  while (at.is('selector_expression')) at = at.field('operand');
  return at;
}

/** A test that has reported its failure: what it leaves behind is nobody's concern. */
function failsTest(file: SourceFile, node: Node): boolean {
  return within(node, 'call_expression').some((call) => {
    const target = call.field('function');
    if (!target.is('selector_expression') || !call.parent?.is('expression_statement')) return false;
    if (/^github\.com\/stretchr\/testify\/(?:assert|require)\.Fail/.test(calleeName(file, call))) return true;
    if (!/^(?:Errorf?|Fail)$/.test(target.field('field').text)) return false;
    const owner = deref(file.get(types).of(target.field('operand')));
    return file.isTest || (owner.kind === 'named' && owner.pkg === 'testing');
  });
}

/**
 * `if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) { errs <- err }`: a server that has been told to close
 * ends without a send. What tells it so is found by its usual names.
 */
function silencedBy({ literal, sends }: Sender): (node: Node) => boolean {
  const silent = sends.every((s) => {
    const test = s.at.ancestor('if_statement');
    return (
      test !== null &&
      literal.contains(test) &&
      /\bErr\w*(?:Closed|Stopped)\b/.test(test.field('condition').text)
    );
  });
  if (!silent) return () => false;
  return (node) =>
    within(node, 'call_expression').some((call) =>
      /\.(?:\w*Shutdown|Close|\w*Stop)$/.test(call.field('function').text),
    );
}
