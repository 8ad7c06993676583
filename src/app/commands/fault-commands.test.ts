import { expect, test } from 'vitest';
import type { Input } from '../../core/fabric/input.ts';
import { faultKey } from '../../core/topology/fault.ts';
import { addNode, emptyDocument } from '../../core/topology/edit.ts';
import { applyDiff } from '../../core/topology/diff.ts';
import type { Fault } from '../../core/topology/types.ts';
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
  const document = applyDiff(empty, added.diff);
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
  return { commands, view, sent };
}

test('a fault command sets its fault, says then that it takes it away, and does', async () => {
  const { commands, view, sent } = bench();
  view.select({ nodes: ['etcd-1'] });
  const before = commands.get('fault.outage')?.label;
  expect(commands.perform('fault.outage')).toEqual({ done: true });
  const after = commands.get('fault.outage')?.label;
  commands.perform('fault.outage');
  await Promise.resolve();
  expect([before, after]).toEqual(['command.faultOutage', 'command.faultOutage.end']);
  expect(sent).toEqual([
    { kind: 'fault.set', fault: { kind: 'outage', node: 'etcd-1' } },
    { kind: 'fault.clear', fault: { kind: 'outage', node: 'etcd-1' } },
  ]);
});

test('faults of nodes are offered for nodes, those of links for links', () => {
  const { commands, view } = bench();
  const offered = () => commands.list().map(({ id }) => id);
  expect(offered()).toEqual([]);
  view.select({ nodes: ['etcd-1'] });
  expect(offered()).toEqual(['fault.pause', 'fault.outage']);
  view.select({ links: ['a-b'] });
  expect(offered()).toEqual(['fault.partition', 'fault.latency', 'fault.loss']);
});
