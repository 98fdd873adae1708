import type { Edit } from '../engine/pass.ts';
import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { isLoopback, networkOf } from './addresses.ts';
import { calleeName, unparen } from './calls.ts';
import { constantInt } from './constants.ts';
import { imports } from './imports.ts';
import { elementOf } from './literals.ts';
import type { ValueFlow } from './valueflow.ts';

type Call = Node<'call_expression'>;

/**
 * Whether a dial can wait for an address that does not answer. Only TCP shakes hands; for UDP, a Unix socket or a loopback
 * address the kernel answers at once.
 */
export type DialTarget = 'remote' | 'instant' | 'unknown';

export function dialTarget(
  file: SourceFile,
  network: Node | undefined,
  address: Node | undefined,
): DialTarget {
  const name = networkOf(file, network);
  if (name !== null && !/^tcp/.test(name)) return 'instant';
  if (address !== undefined && isLoopback(file, address)) return 'instant';
  return name === null ? 'unknown' : 'remote';
}

/** What is known about the limits of a net.Dialer that the package makes. */
export type DialerLimits =
  | { readonly kind: 'met'; readonly proof: Node }
  | { readonly kind: 'bare'; readonly dial: Call }
  | { readonly kind: 'unknown'; readonly why: 'network' | 'uses' }
  /** It dials with a context only, or what answers at once, or not at all. */
  | { readonly kind: 'none' };

/** Cancel is an older way to end a dial. */
const LIMITS = /^(?:Timeout|Deadline|Cancel)$/;

/** `flow` is what the package does with the dialer; `literal` is null where it is made without one. */
export function dialerLimits(
  file: SourceFile,
  literal: Node<'composite_literal'> | null,
  flow: ValueFlow,
): DialerLimits {
  const given =
    literal === null ? [] : ['Timeout', 'Deadline', 'Cancel'].flatMap((n) => elementOf(literal, n) ?? []);
  const proof =
    given.find((e) => constantInt(file, e) !== 0) ?? flow.writes.find((w) => LIMITS.test(w.field))?.at;
  if (proof !== undefined) return { kind: 'met', proof };
  const dials: { call: Call; target: DialTarget }[] = [];
  const add = (call: Call, from: number) => {
    const [network, address] = call.field('arguments').children.slice(from);
    dials.push({ call, target: dialTarget(file.pkg.fileOf(call), network, address) });
  };
  for (const { method, call } of flow.calls) if (method === 'Dial') add(call, 0);
  let isElsewhere = !flow.whole || !file.pkg.complete;
  for (const call of flow.passed)
    if (calleeName(file.pkg.fileOf(call), call) === 'crypto/tls.DialWithDialer') add(call, 1);
    else isElsewhere = true;
  // As a value, DialContext gets its limit from whoever calls it.
  isElsewhere ||= flow.leaves.some(
    (at) => !at.is('selector_expression') || at.field('field').text !== 'DialContext',
  );
  if (isElsewhere) return { kind: 'unknown', why: 'uses' };
  const remote = dials.find((d) => d.target === 'remote');
  if (remote !== undefined) return { kind: 'bare', dial: remote.call };
  return dials.some((d) => d.target === 'unknown') ? { kind: 'unknown', why: 'network' } : { kind: 'none' };
}

/** `net.DialTimeout(network, address, 10*time.Second)` for a `net.Dial` on one line, where `time` is imported. */
export function withTimeout(file: SourceFile, call: Call): readonly Edit[] | null {
  const time = file.get(imports).nameOf('time');
  const target = unparen(call.field('function'));
  if (time === null || call.line !== call.endLine || calleeName(file, call) !== 'net.Dial') return null;
  if (!target.is('selector_expression')) return null;
  const { start, end } = target.field('field');
  return [
    { start, end, text: 'DialTimeout' },
    { start: call.end - 1, end: call.end - 1, text: `, 10*${time}.Second` },
  ];
}
