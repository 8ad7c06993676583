import { describe, expect, test } from 'vitest';
import type { WindowSize } from '../../core/fabric/fabric.ts';
import type { HostPerformer } from '../../core/fabric/host-effect.ts';
import type { ActorFactory } from '../../core/fabric/protocol.ts';
import type { ExecutableTopology } from '../../core/topology/schema/types.ts';
import { VirtualRun, type VirtualOptions } from './run-virtual.ts';

const topology: ExecutableTopology = {
  nodes: {},
  links: {
    l: { kind: 'http', from: 'a', to: 'b', latency: { minUs: 500, distribution: { kind: 'constant', ms: 1 } } },
  },
};
for (const name of ['a', 'b'])
  topology.nodes[name] = {
    kind: 'service',
    name,
    config: {
      version: '1',
      port: 8001,
      replicas: 2,
      serviceTime: { kind: 'constant', ms: 0 },
      startupMs: 0,
      restartDelayMs: 20,
      prefetch: 0,
      values: {},
      endpoints: [],
      subscriptions: [],
    },
  };

/** Asks for two signatures per tick, one more when the first is there, and tells its neighbour about each. */
const signer: ActorFactory = (port) => {
  let n = 0;
  const say = (text: string): void => {
    port.emit({ type: 'log', severity: 'INFO', text, traceId: null, spanId: null });
    const to = port.init.peers[0]?.instances[n % 2]?.instance ?? '';
    port.send({ to, link: 'l', operation: text, trace: null, payload: { kind: 'registry.ok' } });
  };
  const sign = (payload: string, then: (token: string) => void): void =>
    port.perform({ do: 'jws.sign', algorithm: 'HS256', secret: '00', header: {}, payload }, (result) =>
      then(`${port.now()} ${result.ok ? JSON.stringify(result.value) : result.code}`),
    );
  return {
    receive(body) {
      if (body.type === 'start') port.after(1_999_000, {});
      if (body.type === 'message')
        sign(`heard ${(n += 1)}`, (text) =>
          port.emit({ type: 'log', severity: 'INFO', text, traceId: null, spanId: null }),
        );
    },
    timer() {
      n += 1;
      port.after(700, {});
      sign(`first ${n}`, (text) => sign(`then ${n} ${text}`, say));
      sign(`second ${n}`, say);
    },
    inspect: () => n,
  };
};

/** Answers after a moment of its own, the later asked often first. */
const slow: HostPerformer = async (effect) => {
  const payload = 'payload' in effect ? effect.payload : '';
  await new Promise((resolve) => setTimeout(resolve, payload.length % 3));
  return { ok: true, value: `<${payload}>` };
};
const instant: HostPerformer = async (effect) => ({
  ok: true,
  value: `<${'payload' in effect ? effect.payload : ''}>`,
});
const definition = { documentId: 'test', topology, initialData: null, seed: 3, inputs: [] };

async function run(windowSize: WindowSize, perform: HostPerformer): Promise<{ sha256: string; texts: string[] }> {
  const options: VirtualOptions = { windowSize, perform, factories: () => signer };
  const virtual = new VirtualRun(definition, options);
  await virtual.runUntilAsync(9000);
  return {
    sha256: virtual.sha256(),
    texts: virtual.events.flatMap((event) => (event.type === 'log' ? [`${event.t} ${event.text}`] : [])),
  };
}

describe('host effects (decision 4: signing completes at the same virtual instant)', () => {
  test('the log does not depend on the window size nor on how long the host takes', async () => {
    const whole = await run('lookahead', slow);
    expect(whole.texts.length).toBeGreaterThan(100);
    for (const windowSize of ['event', 71, 1] as const)
      expect(await run(windowSize, windowSize === 71 ? slow : instant)).toEqual(whole);
  });

  test('time stands still until the answers are there, which come in the order asked', async () => {
    const { texts } = await run('lookahead', slow);
    for (const text of texts) expect(text.split(' ')[0]).toBe(text.split(' ')[1]);
    const first = texts.findIndex((text) => text.includes('<second 1>'));
    // `first` was asked before `second`, but what followed from it was asked after both.
    expect(texts[first + 1]).toContain('<then 1 ');
  });

  test('a synchronous run says what it lacks, and so does a host without performer', () => {
    const drive = (perform?: HostPerformer) => () =>
      new VirtualRun(definition, { factories: () => signer, ...(perform ? { perform } : {}) }).runUntil(9000);
    expect(drive(instant)).toThrow('use runUntilAsync');
    expect(drive()).toThrow('a host without performer was asked for jws.sign');
  });

  test('a performer that breaks is a crash with its reason', async () => {
    const broken: HostPerformer = () => Promise.reject(new Error('out of order'));
    const virtual = new VirtualRun(definition, { perform: broken, factories: () => signer });
    await virtual.runUntilAsync(2000);
    expect(virtual.events).toContainEqual(
      expect.objectContaining({ type: 'instance.crashed', reason: 'Error: out of order' }),
    );
  });
});
