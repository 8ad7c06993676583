import { isObject, type Json } from '../base/json.ts';
import type { VirtualTime } from '../base/order.ts';
import { slowedByUs } from '../fabric/faults.ts';
import type { ActorPort } from '../fabric/protocol.ts';

/** What comes to a node passes at once, or later while a `slow` fault is set; never before what came earlier. Uses timers with the token `{slowed: true}`. */
export class SlowLane<T> {
  private readonly port: ActorPort;
  private readonly take: (item: T) => void;
  private readonly waiting: T[] = [];
  private until: VirtualTime;

  constructor(port: ActorPort, take: (item: T) => void) {
    this.port = port;
    this.take = take;
    this.until = port.init.startedAt;
  }

  enter(item: T): void {
    const now = this.port.now();
    const due = Math.max(now + slowedByUs(this.port), this.until);
    if (due <= now) return this.take(item);
    this.until = due;
    this.waiting.push(item);
    this.port.after(due - now, { slowed: true });
  }

  /** True when the timer was the lane's. */
  timer(token: Json): boolean {
    if (!isObject(token) || token['slowed'] !== true) return false;
    const next = this.waiting.shift();
    if (next !== undefined) this.take(next);
    return true;
  }
}
