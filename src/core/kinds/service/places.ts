/** What becomes of somebody who comes: served now, put in line, or sent away. */
type Admission = 'begin' | 'wait' | 'refuse';

/** Places of one server and the line before them, first come first served; without limit until it is given one. */
export class Places<T> {
  active = 0;
  refused = 0;
  private readonly line: T[] = [];

  get queued(): number {
    return this.line.length;
  }

  /** At most `limit` are served at once and `maxQueued` wait. */
  enter(item: T, limit: number, maxQueued: number): Admission {
    if (this.active < limit) {
      this.active += 1;
      return 'begin';
    }
    if (this.line.length < maxQueued) {
      this.line.push(item);
      return 'wait';
    }
    this.refused += 1;
    return 'refuse';
  }

  /** Somebody has been served: gives those who begin now (several when the limit grew, none when it shrank). */
  leave(limit: number): T[] {
    this.active -= 1;
    const begin: T[] = [];
    while (this.active < limit && this.line.length > 0) {
      begin.push(this.line.shift() as T);
      this.active += 1;
    }
    return begin;
  }
}
