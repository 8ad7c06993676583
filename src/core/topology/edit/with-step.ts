import { aboutEndpoint, beforeRespond, variableName } from '../wiring/default-behaviour.ts';
import { idsOf } from '../steps.ts';
import type { Endpoint, NodeOf, Step } from '../schema/types.ts';

type Service = NodeOf<'service'>;

/** The service with one more step in its first handler, before that answers. A service without handlers gets one first. */
export function withStep(
  service: Service,
  make: (ids: ReadonlySet<string>, endpoint: Endpoint | null) => Step,
): { service: Service; step: Step } {
  const { config } = service;
  const [subscription, ...others] = config.subscriptions;
  if (config.endpoints.length === 0 && subscription !== undefined) {
    const step = make(idsOf(subscription.steps), null);
    const subscriptions = [{ ...subscription, steps: [...subscription.steps, step] }, ...others];
    return { service: { ...service, config: { ...config, subscriptions } }, step };
  }
  const [endpoint = aboutEndpoint(service.name), ...rest] = config.endpoints;
  const step = make(idsOf(endpoint.steps), endpoint);
  const endpoints = [{ ...endpoint, steps: beforeRespond(endpoint.steps, step) }, ...rest];
  return { service: { ...service, config: { ...config, endpoints } }, step };
}

/** A name for a step's result that nothing in the service uses. */
export function freeName(service: Service, name: string): string {
  const text = JSON.stringify(service.config);
  const base = variableName(name);
  let candidate = base;
  for (let number = 2; new RegExp(`\\b${candidate}\\b`).test(text); number += 1) candidate = `${base}${number}`;
  return candidate;
}
