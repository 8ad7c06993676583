import { describe, expect, it } from 'vitest';
import { VirtualRun } from '../../hosts/virtual/run-virtual.ts';
import type { JsonObject } from '../base/json.ts';
import { compileTopology } from '../topology/compile.ts';
import { connect } from '../topology/edit/connect.ts';
import { addNode, emptyDocument } from '../topology/edit/edit.ts';
import { PRESETS } from '../topology/wiring/presets.ts';
import type { Document } from '../topology/schema/types.ts';
import { validateDocument } from '../topology/check/validate.ts';

const SECOND = 1_000_000;

/** A system drawn by hand: nodes by preset (`id=preset` for a second one), then links. */
function draw(nodes: string[], links: [string, string][]): Document {
  let document = emptyDocument('drawn', 'Drawn');
  for (const node of nodes) {
    const [id = '', preset = id] = node.split('=');
    document = addNode(document, preset, { x: 0, y: 0 }, () => id)?.document ?? document;
  }
  for (const [from, to] of links) {
    const connected = connect(document, from, to, () => `${from}-${to}`);
    if (!connected.ok) throw new Error(connected.error[0]?.message ?? '');
    document = connected.value.document;
  }
  expect(validateDocument(document)).toEqual([]);
  return document;
}

const start = (document: Document): VirtualRun =>
  new VirtualRun(
    { documentId: 'drawn', topology: compileTopology(document), initialData: null, seed: 3, inputs: [] },
    { keep: true },
  );
const answers = (run: VirtualRun, source: string): { status: number; body: JsonObject }[] =>
  run.events.flatMap((event) =>
    event.type === 'message.sent' && event.source === source && event.payload.kind === 'http.reply'
      ? [{ status: event.payload.status, body: JSON.parse(event.payload.body ?? 'null') as JsonObject }]
      : [],
  );

describe('what is drawn runs at once', () => {
  // Auth keeps secrets, so its table is not read over HTTP: see auth.test.ts.
  const services = PRESETS.filter((preset) => preset.category === 'services' && preset.id !== 'auth').map(
    (preset) => preset.id,
  );

  it.each(services)('%s, without and with a database of each engine', (preset) => {
    const alone = start(
      draw(
        ['client-web', 'gateway', preset, 'registry'],
        [
          ['gateway', preset],
          ['client-web', 'gateway'],
          ['gateway', 'registry'],
          [preset, 'registry'],
        ],
      ),
    );
    alone.runUntil(5 * SECOND);
    expect(new Set(answers(alone, 'gateway#0').map(({ status }) => status))).toEqual(new Set([200]));

    for (const engine of ['database-table', 'database-document']) {
      const document = draw(
        ['client-web', 'gateway', preset, engine],
        [
          [preset, engine],
          ['gateway', preset],
          ['client-web', 'gateway'],
        ],
      );
      const run = start(document);
      const node = document.nodes[preset];
      const path = node?.kind === 'service' ? (node.config.endpoints[0]?.path ?? '') : '';
      run.runUntil(SECOND);
      run.inject({
        kind: 'request',
        node: 'gateway',
        request: { method: 'POST', path, headers: { 'content-type': 'application/json' }, body: '{"name":"new one"}' },
      });
      run.inject({
        kind: 'request',
        node: 'gateway',
        request: { method: 'GET', path: `${path}/1`, headers: {}, body: null },
      });
      run.inject({
        kind: 'request',
        node: 'gateway',
        request: { method: 'GET', path: `${path}/none`, headers: {}, body: null },
      });
      run.runUntil(5 * SECOND);
      expect(new Set(answers(run, 'gateway#0').map(({ status }) => status))).toEqual(new Set([200, 201, 404]));
    }
  });

  it('a call, a publish and a subscription', () => {
    const run = start(
      draw(
        ['client-mobile', 'gateway', 'cart', 'product', 'email', 'broker'],
        [
          ['cart', 'product'],
          ['cart', 'broker'],
          ['broker', 'email'],
          ['gateway', 'cart'],
          ['client-mobile', 'gateway'],
        ],
      ),
    );
    run.runUntil(5 * SECOND);
    expect(answers(run, 'product#0').length).toBeGreaterThan(0);
    expect(new Set(answers(run, 'gateway#0').map(({ status }) => status))).toEqual(new Set([200]));
    expect(
      run.events.some(
        (event) => event.type === 'log' && event.source === 'email#0' && event.text === 'email got CartUsed',
      ),
    ).toBe(true);
  });
});
