import { canonicalize } from '../../base/canonical.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import type { ConfigOf } from '../../topology/schema/types.ts';
import { Places } from './places.ts';
import type { Work } from './work.ts';

/** Requests pass here before they are handled: as many at once as `concurrency` says, others wait in line or are answered 503 `overloaded`. */
export class Doorway {
  private readonly port: ActorPort;
  private readonly handle: (work: Work) => void;
  private readonly places = new Places<Work>();

  constructor(port: ActorPort, handle: (work: Work) => void) {
    this.port = port;
    this.handle = handle;
  }

  private get limits(): { limit: number; maxQueued: number } | undefined {
    return (this.port.init.record.config as ConfigOf<'service'>).concurrency;
  }

  enter(work: Work): void {
    const counted: Work = {
      ...work,
      finished: (failure) => {
        work.finished(failure);
        this.left();
      },
    };
    const { limit, maxQueued } = this.limits ?? { limit: Infinity, maxQueued: 0 };
    const admission = this.places.enter(counted, limit, maxQueued);
    this.tell();
    if (admission === 'begin') this.handle(counted);
    if (admission !== 'refuse') return;
    const { name } = this.port.init.record;
    const detail = `${name} handles ${limit} requests at once and ${maxQueued} wait`;
    work.respond({
      status: 503,
      headers: { 'content-type': 'application/problem+json' },
      body: canonicalize({ code: 'overloaded', detail, status: 503 }),
    });
    work.finished(null);
  }

  private left(): void {
    const next = this.places.leave(this.limits?.limit ?? Infinity);
    this.tell();
    for (const work of next) this.handle(work);
  }

  private tell(): void {
    if (!this.limits) return;
    const { active, queued, refused } = this.places;
    const { limit } = this.limits;
    this.port.emit({
      type: 'pool.changed',
      pool: 'concurrency',
      name: this.port.init.node,
      active,
      queued,
      limit,
      refused,
    });
  }
}
