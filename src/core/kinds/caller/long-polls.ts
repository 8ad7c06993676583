import { canonicalize } from '../../base/canonical.ts';
import { isObject, type Json } from '../../base/json.ts';
import type { VirtualTime } from '../../base/order.ts';
import { instanceId, type InstanceId } from '../../fabric/message.ts';
import type { ActorPort, Peer } from '../../fabric/protocol.ts';

/** Two questions about one service begin at least so far apart, however often it changes (as consul-template asks). µs */
const MIN_GAP_US = 100_000;

interface Poll {
  registry: InstanceId;
  /** The last index seen, at least 1; 0 after one that went back. */
  index: number;
  begun: VirtualTime;
  /** What the registry is made from: another one counts anew. */
  made: string;
  /** The question that is open, or the timer of the next one. */
  open: { message: string } | { timer: number };
}
const madeFrom = ({ record }: Peer): string => canonicalize(record.config as unknown as Json);
interface Answer {
  service: string;
  from: InstanceId;
  index: number;
  inReplyTo: string;
}

/**
 * Consul's blocking queries on the asker's side (SR3): each answer about a service leads to the next question, with its index. An index that goes back begins again at 0.
 * A question that fails ends it; whoever needs the list then asks anew. Timers carry `{poll: service, by: name}`.
 */
export class LongPolls {
  private readonly port: ActorPort;
  private readonly name: string;
  private readonly next: (service: string) => { registry: Peer; waitMs: number } | null;
  private readonly polls = new Map<string, Poll>();

  /** `next` says where a question about a service goes, or null when nobody needs it. */
  constructor(port: ActorPort, name: string, next: (service: string) => { registry: Peer; waitMs: number } | null) {
    this.port = port;
    this.name = name;
    this.next = next;
  }

  /** Whether the list of a service is kept up to date. */
  follows(service: string): boolean {
    return this.polls.has(service);
  }

  /** `followed`: the list of this answer is kept up to date; `alone`: it is not; `late`: it is older than what is known. `isFirst`: it answers a question that began nothing yet. */
  answered({ service, from, index, inReplyTo }: Answer, isFirst: boolean): 'followed' | 'alone' | 'late' {
    const known = this.polls.get(service);
    const isOwn = known !== undefined && 'message' in known.open && known.open.message === inReplyTo;
    // What somebody asked besides does not disturb the question that is open.
    if (!isOwn && known !== undefined) return index < known.index ? 'late' : 'followed';
    if (!isOwn && !isFirst) return 'alone';
    const way = this.next(service);
    if (way === null) {
      this.polls.delete(service);
      return 'alone';
    }
    const before = isOwn ? known.index : 0;
    const begun = isOwn ? known.begun : -Infinity;
    const poll: Poll = {
      registry: from,
      index: index < before ? 0 : Math.max(1, index),
      begun,
      made: madeFrom(way.registry),
      open: { timer: 0 },
    };
    this.polls.set(service, poll);
    const waitUs = begun + MIN_GAP_US - this.port.now();
    if (waitUs > 0) poll.open = { timer: this.port.after(waitUs, { poll: service, by: this.name }) };
    else this.ask(service, poll);
    return 'followed';
  }

  timer(token: Json): boolean {
    if (!isObject(token) || typeof token['poll'] !== 'string' || token['by'] !== this.name) return false;
    const poll = this.polls.get(token['poll']);
    if (poll !== undefined) this.ask(token['poll'], poll);
    return true;
  }

  /** True when it was one of its questions that reached nobody. */
  refused(message: string): boolean {
    for (const [service, { open }] of this.polls)
      if ('message' in open && open.message === message) return this.polls.delete(service);
    return false;
  }

  /** The connection to a registry is gone, and its questions with it. */
  lost(registry: InstanceId): void {
    for (const [service, poll] of this.polls) {
      if (poll.registry !== registry) continue;
      if ('timer' in poll.open) this.port.cancel(poll.open.timer);
      this.polls.delete(service);
    }
  }

  private ask(service: string, poll: Poll): void {
    const way = this.next(service);
    if (way === null) {
      this.polls.delete(service);
      return;
    }
    const { registry, waitMs } = way;
    const made = madeFrom(registry);
    if (made !== poll.made) Object.assign(poll, { made, index: 0 });
    const to = registry.instances[0]?.instance ?? instanceId(registry.node, 0);
    const message = this.port.send({
      to,
      link: registry.link,
      operation: `discover ${service}`,
      trace: null,
      payload: { kind: 'registry.discover', service, index: poll.index, waitMs },
    });
    poll.registry = to;
    poll.begun = this.port.now();
    poll.open = { message };
  }
}
