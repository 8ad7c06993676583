import { isObject, type Json } from '../../base/json.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import type { ConfigOf } from '../../topology/schema/types.ts';

/** Besides the age of the callers' lists: time for the deregistration and for requests that are on their way. ms */
const MARGIN_MS = 1000;

/** How old a list of a registry can be that a caller still goes by. ms */
function stalenessMs(port: ActorPort): number {
  let ms = 0;
  for (const { kind, direction, record } of port.init.peers) {
    if (kind !== 'discovery' || direction !== 'out' || record.kind !== 'registry') continue;
    ms = Math.max(ms, record.config.cacheTtlMs + (record.config.responseCacheMs ?? 0) + MARGIN_MS);
  }
  return ms;
}

/**
 * The graceful end of an instance that has left the registry. With `release` it goes on serving callers whose lists are old,
 * then ends as soon as nothing is in flight, at the latest after `graceMs`. Without, it ends when nothing is in flight.
 */
export class Drain {
  private readonly port: ActorPort;
  /** Requests, messages and outbox passes that are not over. */
  private readonly pending: () => number;
  private isOn = false;
  private lingers = false;
  private isOver = false;

  constructor(port: ActorPort, pending: () => number) {
    this.port = port;
    this.pending = pending;
  }

  get draining(): boolean {
    return this.isOn;
  }

  /** It has asked to be ended and takes nothing more. */
  get over(): boolean {
    return this.isOver;
  }

  begin(): void {
    if (this.isOn) return;
    this.isOn = true;
    const { release } = this.port.init.record.config as ConfigOf<'service'>;
    if (release) {
      const lingerMs = Math.min(stalenessMs(this.port), release.graceMs);
      this.lingers = lingerMs > 0;
      if (this.lingers) this.port.after(lingerMs * 1000, { drain: 'linger' });
      this.port.after(release.graceMs * 1000, { drain: 'grace', graceMs: release.graceMs });
    }
    this.check();
  }

  /** To be called whenever something is over. */
  check(): void {
    if (this.isOn && !this.lingers && this.pending() === 0) this.stop('drained');
  }

  timer(token: Json): boolean {
    if (!isObject(token) || typeof token['drain'] !== 'string') return false;
    this.lingers = false;
    this.check();
    const left = this.pending();
    if (token['drain'] === 'grace' && left > 0)
      this.stop(`drained: ${left} still in flight after ${Number(token['graceMs'])} ms`);
    return true;
  }

  private stop(reason: string): void {
    this.isOver = true;
    this.port.stop(reason);
  }
}
