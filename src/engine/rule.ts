import type { NodeKind } from '../syntax/kinds.gen.ts';
import type { Node } from '../syntax/tree.ts';
import type { Pass } from './pass.ts';
import type { Confidence, Group, Severity, Text } from './verdict.ts';

export type Texts = Readonly<Record<string, Text>>;
export type Handlers<T extends Texts> = {
  readonly [K in NodeKind]?: (node: Node<K>, pass: Pass<T>) => void;
};

/**
 * One rule: identity, words and handlers. A rule sees code only through its Pass and answers with
 * `pass.met`, `pass.violated` or `pass.unknown` for every site that carries its obligation.
 */
export interface Rule<T extends Texts = Texts> {
  /** Kebab-case, names the mistake; equals its folder. */
  readonly id: string;
  readonly group: Group;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Also runs in `_test.go` files without `--tests`. */
  readonly tests: boolean;
  /** First Reefpilot version with this rule. */
  readonly since: string;
  readonly title: Text;
  /** The obligation as a question to a reviewer. */
  readonly checklist: Text;
  /** Names under which other linters know the mistake: `//nolint:<name>` and `//lint:ignore <name>` are honoured. */
  readonly aliases: readonly string[];
  /** Messages, trace labels and reasons by key. */
  readonly texts: T;
  /**
   * What a called function has to be named, without its package or receiver, for `call_expression` to be shown the
   * call. Only a matter of speed: a call whose function has no such name (`f()()`, `f[T]()`) is always shown.
   */
  readonly calls?: RegExp;
  /** Called in the one walk over the file, in source order; never inside a declaration with a syntax error. */
  readonly on: Handlers<T>;
}

export function defineRule<const T extends Texts>(rule: Rule<T>): Rule<T> {
  return rule;
}
