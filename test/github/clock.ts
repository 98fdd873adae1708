/** The double's time: the real one plus what a test added to it. */
export class Clock {
  private offset = 0;

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.offset;
  }

  /** Moves time forward for everything the double dates or lets expire. */
  advance(ms: number): void {
    this.offset += ms;
  }
}
