import { expect, test } from 'vitest';
import type { Input } from '../../core/fabric/input.ts';
import { faultKey } from '../../core/topology/schema/fault.ts';
import { addNode, emptyDocument } from '../../core/topology/edit/edit.ts';
import { applyDiff } from '../../core/topology/edit/diff.ts';
import type { Document, Fault } from '../../core/topology/schema/types.ts';
import { createDocumentStore } from '../document/document-store.ts';
import type { RunStore } from '../run/run-store.ts';
import type { Services } from '../services.ts';
import { createViewStore } from '../view/view-store.ts';
import { createCommandRegistry } from './command.ts';
import { faultCommands } from './fault-commands.ts';

function bench() {
  const empty = emptyDocument('x', 'X');
  const added = addNode(empty, 'registry-etcd', { x: 0, y: 0 }, () => 'etcd-1');
  if (added === null) throw new Error('no such preset');
  const etcd = applyDiff(empty, added.diff);
  const service = addNode(etcd, 'order', { x: 0, y: 200 }, () => 'order-1');
  if (service === null) throw new Error('no such preset');
  const drawn = applyDiff(etcd, service.diff);
  const latency = { distribution: { kind: 'constant' as const, ms: 1 }, minUs: 1 };
  const link = { kind: 'discovery', from: { node: 'order-1' }, to: { node: 'etcd-1' }, config: { latency } } as const;
  const document: Document = { ...drawn, links: { 'order-1-etcd-1': link } };
  const faultsNow = new Map<string, Fault>();
  const sent: Input['body'][] = [];
  const view = createViewStore(null, [], true);
  const documents = createDocumentStore({ document, saved: 'saved', validate: async () => [] });
  const run = {
    get: () => ({ definition: {}, faultsNow }),
    inject: async (body: Input['body']) => {
      sent.push(body);
      if (body.kind === 'fault.set') faultsNow.set(faultKey(body.fault), body.fault);
      if (body.kind === 'fault.clear') faultsNow.delete(faultKey(body.fault));
    },
  } as unknown as RunStore;
  const commands = createCommandRegistry((error) => {
    throw error;
  });
  commands.add(faultCommands({ documents, view, commands } as Services, run));
  return { commands, view, sent, faultsNow };
}

test('a fault command sets its fault, says then that it takes it away, and does', async () => {
  const { commands, view, sent } = bench();
  view.select({ nodes: ['etcd-1'] });
  const before = commands.get('fault.outage')?.label;
  expect(commands.perform('fault.outage')).toEqual({ done: true });
  const after = commands.get('fault.outage')?.label;
  commands.perform('fault.outage');
  await Promise.resolve();
  expect([before, after]).toEqual(['command.fault.outage', 'command.fault.outage.end']);
  expect(sent).toEqual([
    { kind: 'fault.set', fault: { kind: 'outage', node: 'etcd-1' } },
    { kind: 'fault.clear', fault: { kind: 'outage', node: 'etcd-1' } },
  ]);
});

test('every fault that the selected node or link accepts is offered, and no other', () => {
  const { commands, view } = bench();
  const offered = () => commands.list().map(({ id }) => id);
  expect(offered()).toEqual([]);
  view.select({ nodes: ['etcd-1'] });
  expect(offered()).toEqual(['fault.pause', 'fault.outage', 'fault.slow', 'fault.clock-skew', 'fault.all']);
  view.select({ nodes: ['order-1'] });
  expect(offered()).toContain('fault.step-error');
  view.select({ links: ['order-1-etcd-1'] });
  expect(offered()).toEqual(['fault.partition', 'fault.latency', 'fault.loss', 'fault.all']);
});

test('a fault with a number asks for it; one that is set is taken away as it is', async () => {
  const { commands, view, sent, faultsNow } = bench();
  view.select({ nodes: ['etcd-1'] });
  commands.perform('fault.slow');
  expect(view.get().dialog).toEqual({ kind: 'fault', on: 'node', target: 'etcd-1', fault: 'slow' });
  expect(sent).toEqual([]);
  const fault: Fault = { kind: 'slow', node: 'etcd-1', factor: 3 };
  faultsNow.set(faultKey(fault), fault);
  expect(commands.get('fault.slow')?.label).toBe('command.fault.slow.end');
  commands.perform('fault.slow');
  await Promise.resolve();
  expect(sent).toEqual([{ kind: 'fault.clear', fault }]);
});
