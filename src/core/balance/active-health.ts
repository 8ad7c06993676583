import type { HealthChecks } from '../topology/schema/types.ts';

/** How a check ended: with an expected status, with another one, or without any (refused, reset, no answer in time). */
export type CheckOutcome = 'expected' | 'unexpected' | 'unanswered';

interface Host {
  healthy: boolean;
  /** Nothing is known of it yet. */
  isNew: boolean;
  failures: number;
  successes: number;
}

/** Whether a status is among those that a check expects; 200 alone unless the policy says otherwise, as in Envoy. */
export const isExpected = ({ expectedStatuses = ['200'] }: HealthChecks, status: number): boolean =>
  expectedStatuses.some((range) => {
    const [low = '', high = low] = range.split('-');
    return status >= Number(low) && status <= Number(high);
  });

/**
 * Envoy's active health of one upstream's instances (GW12). An instance is not used until a check of it succeeded: the very first result may do that at once, later ones need `healthyThreshold` in a row.
 * `unhealthyThreshold` checks in a row without an answer take it out; an unexpected status does so at once, whatever the threshold.
 */
export class ActiveHealth {
  private readonly hosts = new Map<string, Host>();

  isHealthy(id: string): boolean {
    return this.hosts.get(id)?.healthy === true;
  }

  /** A check of it failed, and none has succeeded since, or not often enough. */
  isDown(id: string): boolean {
    return this.hosts.get(id)?.healthy === false;
  }

  /** One result; `up` or `down` when the verdict about the instance changed, the first one included. */
  judge(policy: HealthChecks, id: string, outcome: CheckOutcome): 'up' | 'down' | null {
    const host = this.hosts.get(id) ?? { healthy: false, isNew: true, failures: 0, successes: 0 };
    this.hosts.set(id, host);
    const { isNew } = host;
    host.isNew = false;
    if (outcome === 'expected') {
      host.failures = 0;
      if (host.healthy) return null;
      host.successes += 1;
      if (!isNew && host.successes < policy.healthyThreshold) return null;
      host.healthy = true;
      host.successes = 0;
      return 'up';
    }
    host.successes = 0;
    if (!host.healthy) return isNew ? 'down' : null;
    host.failures += 1;
    if (outcome === 'unanswered' && host.failures < policy.unhealthyThreshold) return null;
    host.healthy = false;
    host.failures = 0;
    return 'down';
  }

  /** Forgets an instance; true when a failed check kept it out. */
  forget(id: string): boolean {
    const wasDown = this.isDown(id);
    this.hosts.delete(id);
    return wasDown;
  }
}
