import type { Outcome as Next, Turn } from '../queue/port.ts';
import { reconcileGroup } from './group.ts';
import type { Hint } from './hint.ts';
import type { Ports } from './ports.ts';
import { reconcilePull } from './pull.ts';
import { announce, hintPullsOf, sweepAll, sweepInstallation } from './sweep.ts';

/** Attends to what a hint is about, whatever its state is by now. Never throws. */
export function reconcile(hint: Hint, ports: Ports, turn: Turn): Promise<Next> {
  switch (hint.kind) {
    case 'pull':
      return reconcilePull(hint, ports, turn);
    case 'announce':
      return announce(hint, ports, turn);
    case 'group':
      return reconcileGroup(hint, ports, turn);
    case 'commit':
      return hintPullsOf(hint, ports, turn);
    case 'installation':
      return sweepInstallation(hint, ports, turn);
    case 'sweep':
      return sweepAll(ports, turn);
  }
}
