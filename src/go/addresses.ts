import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName, unparen } from './calls.ts';
import { visible } from './declarations.ts';
import { scopes } from './scope.ts';
import { valuesOf } from './values.ts';

/** What a string expression starts with; `whole` when that is all of it. */
interface Start {
  readonly text: string;
  readonly whole: boolean;
}

const NOTHING: Start = { text: '', whole: false };

/** Value of a constant string expression; null when it is none. */
export function constantString(file: SourceFile, expression: Node): string | null {
  const { text, whole } = startOf(file, expression);
  return whole ? text : null;
}

/** The address is one that only the same machine reaches: `localhost:…`, `127.0.0.1:…`, `[::1]:…`. */
export function isLoopback(file: SourceFile, address: Node): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)(?::|$)/i.test(startOf(file, address).text);
}

/** `unix`, `udp4`, `tcp` …, a constant or what the case around it says; null when neither tells. */
export function networkOf(file: SourceFile, expression: Node | undefined): string | null {
  if (expression === undefined) return null;
  const network = constantString(file, expression);
  if (network !== null) return network;
  for (let at = expression.ancestor('expression_case'); at !== null; at = at.ancestor('expression_case')) {
    const values = at.field('value').children;
    const [only] = values;
    const isAsked =
      at.parent?.is('expression_switch_statement') === true &&
      at.parent.field('value')?.text === expression.text;
    if (isAsked && values.length === 1 && only !== undefined) return constantString(file, only);
  }
  return null;
}

/** The listener hears the same machine only: a Unix socket, or a loopback address. */
export function isLocalListener(file: SourceFile, expression: Node, depth = 0): boolean {
  const e = unparen(expression);
  if (depth > 4) return false;
  if (e.is('identifier')) {
    const d = file.get(scopes).definitionOf(e);
    const made = d === null ? null : valuesOf(d);
    return made?.some((value) => isLocalListener(file, value, depth + 1)) === true;
  }
  if (!e.is('call_expression')) return false;
  const name = calleeName(file, e);
  const [first, second] = e.field('arguments').children;
  if (first === undefined) return false;
  if (name === 'net.ListenUnix') return true;
  if (/^(?:crypto\/tls|golang\.org\/x\/net\/netutil)\.\w+Listener$/.test(name))
    return isLocalListener(file, first, depth + 1);
  const [network, address] =
    name === '(*net.ListenConfig).Listen' ? e.field('arguments').children.slice(1) : [first, second];
  if (!/^(?:net|crypto\/tls)\.Listen$|ListenConfig/.test(name) || network === undefined) return false;
  if (networkOf(file, network)?.startsWith('unix')) return true;
  return address !== undefined && isLoopback(file, address);
}

function startOf(file: SourceFile, expression: Node, depth = 0): Start {
  const e = unparen(expression);
  if (depth > 8) return NOTHING;
  if (e.is('interpreted_string_literal', 'raw_string_literal')) {
    const text = e.text.slice(1, -1);
    const [plain] = e.is('raw_string_literal') ? [text] : text.split('\\');
    return { text: plain ?? '', whole: plain === text };
  }
  if (e.is('identifier')) return named(file, e, depth);
  if (e.is('binary_expression') && e.field('operator').text === '+') {
    const left = startOf(file, e.field('left'), depth + 1);
    return left.whole ? joined(left.text, startOf(file, e.field('right'), depth + 1)) : left;
  }
  return e.is('call_expression') ? called(file, e, depth) : NOTHING;
}

const joined = (text: string, rest: Start): Start => ({ text: text + rest.text, whole: rest.whole });

/** A constant, or a variable of the function that has one value. */
function named(file: SourceFile, name: Node<'identifier'>, depth: number): Start {
  const local = file.get(scopes).definitionOf(name);
  if (local !== null && local.func !== null) {
    const values = local.site.is('const_spec') ? constant(local.site, name.text) : valuesOf(local);
    const [only] = values ?? [];
    return values?.length === 1 && only !== undefined ? startOf(file, only, depth + 1) : NOTHING;
  }
  const declared = file.get(visible).value(name.text);
  const [value] = declared?.node.is('const_spec') ? constant(declared.node, name.text) : [];
  return declared === null || value === undefined ? NOTHING : startOf(declared.file, value, depth + 1);
}

function constant(spec: Node<'const_spec'>, name: string): readonly Node[] {
  const value = spec.field('value')?.children[spec.fields('name').findIndex((n) => n.text === name)];
  return value === undefined ? [] : [value];
}

/** `fmt.Sprintf("localhost:%d", port)`, `net.JoinHostPort("127.0.0.1", port)` */
function called(file: SourceFile, call: Node<'call_expression'>, depth: number): Start {
  const [first, second] = call.field('arguments').children;
  if (first === undefined) return NOTHING;
  const name = calleeName(file, call);
  const start = startOf(file, first, depth + 1);
  if (name === 'fmt.Sprintf') {
    const [text = ''] = start.text.split('%');
    return { text, whole: start.whole && text === start.text };
  }
  if (name === 'net.JoinHostPort' && second !== undefined && start.whole)
    return joined(`${start.text}:`, startOf(file, second, depth + 1));
  return NOTHING;
}
