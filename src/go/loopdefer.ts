import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { assignmentOf } from './assign.ts';
import { calleeName, calleeOf, unparen } from './calls.ts';
import { flow } from './cfg.ts';
import { deferredCall } from './deferred.ts';
import { isConditional } from './fallible.ts';
import { variable } from './paths.ts';
import { reachable } from './reach.ts';
import { enclosingFunction } from './scope.ts';
import { acquiredIn, outlivesTurn } from './turnvalues.ts';
import { types } from './types.ts';
import { within } from './within.ts';

type Call = Node<'call_expression'>;
type Defer = Node<'defer_statement'>;
type Loop = Node<'for_statement'>;

/** A release in a loop that is put off to the end of the function although every turn takes something anew. */
export interface PutOff {
  readonly release: Call;
  /** What each turn takes: a call that opens something, or one that locks. */
  readonly taken: Node;
  readonly kind: 'opened' | 'context' | 'lock' | 'done';
}

const RELEASES = /^(?:close|closenow|stop|release|free|end|finish|destroy|disconnect|shutdown|quit)$/i;
const RELEASER = /^close|close(?:r|rs|quietly|andlog|with\w*)?$|^(?:release|free|must_?close|safe_?close)/i;
const CONTEXTS = /^(?:context\.With(?:Cancel|Timeout|Deadline)(?:Cause)?|os\/signal\.NotifyContext)$/;
const UNLOCKS = /^\(\*?sync\.(?:Mutex|RWMutex|Locker)\)\.R?Unlock$/;
/** An element of something that is there before and after the loop. */
const ELEMENTS = /^(?:At|Elem|Front|Back|Index|Item|Key|Load|Next|Prev|Value)$/;
/** What has this called on it works in the background until it is released. */
const WORKS = /^(?:Go|Listen\w*|Run|Serve\w*|Start\w*|Watch\w*|Subscribe\w*|Notify)$/;

/** What the statement puts off in each turn of the loop; null when that may be meant, or is not known. */
export function putOff(file: SourceFile, statement: Defer, loop: Loop): PutOff | null {
  const call = deferredCall(statement);
  if (call === null) return null;
  const literal = call.field('function');
  const calls = literal.is('func_literal')
    ? within(literal.field('body'), 'call_expression').filter(
        (c) => enclosingFunction(c) === literal && !isConditional(c, literal),
      )
    : [call];
  for (const release of calls) {
    const found =
      asLock(file, statement, release, loop) ??
      asContext(file, release, loop) ??
      asOpened(file, release, loop);
    if (found !== null && !isReleasedToo(release, statement, loop)) return found;
  }
  return null;
}

/** The same call once more in the loop: the deferred one is there for the paths that leave early. */
function isReleasedToo(release: Call, statement: Defer, loop: Loop): boolean {
  return within(loop, 'call_expression').some((c) => c.text === release.text && !statement.contains(c));
}

/** `f.Close()`, `resp.Body.Close()`, `closeQuietly(f)`, where each turn opens another one and nothing keeps it. */
function asOpened(file: SourceFile, release: Call, loop: Loop): PutOff | null {
  const target = release.field('function');
  const name = /\w*$/.exec(target.text)?.[0] ?? '';
  const holders = target.is('selector_expression') && RELEASES.test(name) ? [rootOf(target)] : [];
  // A channel that is not closed holds nothing.
  if (RELEASER.test(name) && calleeOf(file, release).kind !== 'builtin')
    holders.push(...release.field('arguments').children.map(unparen));
  for (const holder of holders) {
    const d = variable(file, holder);
    const taken = d === null ? null : acquiredIn(loop, d);
    if (d === null || taken === null || outlivesTurn(file, d, loop)) continue;
    if (ELEMENTS.test(/\w*$/.exec(taken.field('function').text)?.[0] ?? '')) continue;
    const works = d.uses.some(
      (use) => use.parent?.is('selector_expression') && WORKS.test(use.parent.field('field').text),
    );
    if (!works || isStandard(file, d.node)) return { release, taken, kind: 'opened' };
  }
  return null;
}

function rootOf(target: Node): Node {
  let at = unparen(target);
  while (at.is('selector_expression')) at = unparen(at.field('operand'));
  return at;
}

/** `cancel()` of a context that only this turn uses. */
function asContext(file: SourceFile, release: Call, loop: Loop): PutOff | null {
  const cancel = variable(file, release.field('function'));
  if (cancel === null || outlivesTurn(file, cancel, loop)) return null;
  for (const name of [cancel.node, ...cancel.uses]) {
    const taken = name.parent?.parent?.is('short_var_declaration', 'assignment_statement')
      ? name.parent.parent.field('right').children[0]
      : undefined;
    if (!taken?.is('call_expression') || !CONTEXTS.test(calleeName(file, taken))) continue;
    const made = assignmentOf(taken)?.targets[0];
    const ctx = made === undefined ? null : variable(file, made);
    return ctx === null || outlivesTurn(file, ctx, loop) ? null : { release, taken, kind: 'context' };
  }
  return null;
}

/** `mu.Lock()` and `defer mu.Unlock()` of one and the same mutex; `wg.Done()` of one and the same group. */
function asLock(file: SourceFile, statement: Defer, release: Call, loop: Loop): PutOff | null {
  const target = release.field('function');
  if (!target.is('selector_expression')) return null;
  const name = calleeName(file, release);
  const changes = within(target, 'identifier').some((id) => {
    const d = variable(file, id);
    return (
      d !== null && (loop.contains(d.node) || d.uses.some((use) => loop.contains(use) && isWritten(use)))
    );
  });
  if (changes) return null;
  if (name === '(*sync.WaitGroup).Done') return { release, taken: loop, kind: 'done' };
  if (!UNLOCKS.test(name)) return null;
  const lock = `${target.field('operand').text}.${target.field('field').text.replace('Unlock', 'Lock')}()`;
  const list = statement.parent?.children ?? [];
  const taken = list.slice(0, list.indexOf(statement)).findLast((s) => s.text === lock);
  const func = enclosingFunction(statement);
  const cfg = func === null ? null : file.get(flow).of(func);
  if (taken === undefined || cfg === null) return null;
  const again = reachable(
    cfg,
    statement,
    (node) => node.is('expression_statement') && node.text === release.text,
  );
  return again.nodes.has(taken) ? { release, taken, kind: 'lock' } : null;
}

function isWritten(use: Node): boolean {
  const list = use.parent;
  const owner = list?.parent;
  return (
    owner?.is('assignment_statement', 'short_var_declaration', 'range_clause') === true &&
    owner.field('left') === list
  );
}

function isStandard(file: SourceFile, name: Node): boolean {
  const type = file.get(types).of(name);
  const named = type.kind === 'pointer' ? type.elem : type;
  return named.kind === 'named' && named.pkg !== '' && !named.pkg.includes('.');
}
