import { crashInstance, endInstance, reconcile, startInstance, type LifecyclePlan } from './lifecycle.ts';
import { declaredInstances } from './peers.ts';
import { advanceRelease } from './releases.ts';
import { resetConnection } from './routing.ts';
import { connectionKey, tell, type Agenda, type FabricState } from './state.ts';

/** Carries out what the fabric had set itself for this window start. */
export function carryOut(state: FabricState, plan: LifecyclePlan, item: Agenda): void {
  const { t, instance } = item;
  switch (item.do) {
    case 'restart': {
      // Unless it was removed meanwhile.
      const declared = declaredInstances(state.topology).find((one) => one.instance === instance);
      return declared && startInstance(state, plan, instance, declared.ordinal, t);
    }
    case 'stop':
      if (item.crashed) crashInstance(state, plan, instance, t, item.reason);
      else endInstance(state, plan, instance, t, { type: 'instance.stopped', reason: item.reason });
      return reconcile(state, plan, t);
    case 'release':
      // Who was replaced runs another version now: its neighbours are told.
      reconcile(state, plan, t);
      return advanceRelease(state, instance, t);
    case 'starve': {
      if (state.instances.get(instance)?.pausedAt !== item.since) return;
      tell(state, t, { type: 'probe.changed', instance, probe: 'liveness', passing: false, reason: item.reason });
      return crashInstance(state, plan, instance, t, `liveness probe failed: ${item.reason}`);
    }
    case 'reset': {
      // Unless one of its ends died meanwhile: then it is another connection.
      const stuck = state.stuck.get(connectionKey(instance, item.to, item.link));
      if (stuck?.until === t) resetConnection(state, { from: instance, to: item.to, link: item.link }, t, stuck.cause);
    }
  }
}
