import type { GoPackage, SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { imports } from './imports.ts';
import { enclosingFunction, type FuncNode, isMainFunction } from './scope.ts';
import { deref, isNamed } from './type.ts';
import { types } from './types.ts';

/**
 * A program that people run by hand, and no service: `package main` below cmd, tools, examples or hack, or in a file that
 * only `go run` builds.
 */
export function isTool(file: SourceFile): boolean {
  if (!file.pkg.isMain) return false;
  const start = file.tree.text.slice(0, file.tree.root.children[0]?.start ?? 0);
  return (
    /(?:^|\/)_?(?:cmd|tools?|examples?|hack)(?:\/|$)/.test(file.pkg.dir) ||
    /^\/\/go:build (?:ignore|generate|tools)\b/m.test(start)
  );
}

/** `main` of a program, whose end takes everything along, or an `init`: what they open, they open once. */
export function runsOnce(func: FuncNode, pkg: GoPackage): boolean {
  const isInit = func.is('function_declaration') && func.field('name').text === 'init';
  return isInit || isMainFunction(func, pkg);
}

/** A test, or code that only tests use: its file imports testing, its function uses httptest, or its directory says so. */
export function isTestCode(file: SourceFile, node: Node): boolean {
  const httptest = file.get(imports).nameOf('net/http/httptest');
  const around = enclosingFunction(node)?.text ?? '';
  return (
    file.isTest ||
    file.get(imports).has('testing') ||
    (httptest !== null && around.includes(`${httptest}.`)) ||
    /(?:^|\/)(?:e2e|integration|tests?|testing|testutils?|testhelpers?|(?!latest)[a-z]+test)(?:\/|$)/.test(
      file.pkg.dir,
    )
  );
}

/** The expression names the address of a server that the test itself started. */
export function isTestServer(file: SourceFile, expression: Node): boolean {
  const selectors = [...expression.descendants('selector_expression')];
  if (expression.is('selector_expression')) selectors.push(expression);
  return selectors.some((s) =>
    isNamed(deref(file.get(types).of(s.field('operand'))), 'net/http/httptest', 'Server'),
  );
}

/** `longPoll`, `WatchPods`, `SSEClient`, `stream_events` in lower-case words. */
export function wordsOf(name: string): readonly string[] {
  return (name.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\d+/gu) ?? []).map((w) => w.toLowerCase());
}

/** Words for traffic that lasts as long as it is wanted: a limit on its total time would cut it off. */
const LASTING =
  /^(?:sse|watch(?:er|ers|es|ing)?|longpoll\w*|poll(?:er|ing)?|stream(?:s|er|ers|ing|ed)?|hijack\w*|docker|tail(?:er|ing)?|follow(?:er|ing)?|eventsource|websockets?|subscribe|subscription)$/;

export function namesLasting(name: string): boolean {
  return wordsOf(name).some((w) => LASTING.test(w));
}

/** The names around a node say that its traffic lasts: functions, their receivers, the package; or it is an event stream or a pipe. */
export function isLasting(file: SourceFile, node: Node): boolean {
  if (namesLasting(file.pkg.name)) return true;
  for (let func = enclosingFunction(node); func !== null; func = enclosingFunction(func)) {
    if (!func.is('function_declaration', 'method_declaration')) continue;
    const receiver = func.is('method_declaration') ? func.field('receiver').text : '';
    return namesLasting(func.field('name').text) || namesLasting(receiver) || EVENT_STREAM.test(func.text);
  }
  return false;
}

const EVENT_STREAM = /text\/event-stream|application\/x-ndjson|http\.Hijacker|\bio\.Pipe\(/;
