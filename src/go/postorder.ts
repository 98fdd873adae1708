/**
 * Everything that can be reached from `root`, each after all that lies behind it, except for the way back in a loop.
 * Reversed it is the order in which a forward analysis settles soonest.
 */
export function postorder<T>(root: T, next: (at: T) => readonly T[]): readonly T[] {
  const out: T[] = [];
  const seen = new Set([root]);
  // No recursion: generated functions are deeper than the stack.
  const open: { at: T; behind: readonly T[]; done: number }[] = [{ at: root, behind: next(root), done: 0 }];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const to = top.behind[top.done++];
    if (to === undefined) {
      out.push(top.at);
      open.pop();
    } else if (!seen.has(to)) {
      seen.add(to);
      open.push({ at: to, behind: next(to), done: 0 });
    }
  }
  return out;
}
