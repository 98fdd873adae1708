import type { PackageAnalysis } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';

/** Calls that set a deadline on a connection, by name: whichever type it has, its author thought of time. */
export interface DeadlineCalls {
  readonly all: readonly Node[];
  /** A connection type of the package that sets one whenever it is read. */
  readonly inRead: Node | null;
}

export const deadlineCalls: PackageAnalysis<DeadlineCalls> = {
  name: 'deadlineCalls',
  run(pkg) {
    const all = pkg.files
      .filter((f) => !f.isTest)
      .flatMap((f) => [...f.tree.root.descendants('selector_expression')])
      .filter((s) => SETS_DEADLINE.test(s.field('field').text));
    const inRead = all.find((s) => s.ancestor('method_declaration')?.field('name').text === 'Read');
    return { all, inRead: inRead ?? null };
  },
};

export const SETS_DEADLINE = /^Set(?:Read|Write)?Deadline$/;
