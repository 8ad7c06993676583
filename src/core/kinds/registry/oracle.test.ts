import { afterAll, describe, expect, test } from 'vitest';
import consul from './__golden__/consul-1.8.7.json';
import etcd from './__golden__/etcd-3.5.16.json';
import zookeeper from './__golden__/zookeeper-3.9.3.json';
import { modelDriver, playRegistry, REGISTRY_SCRIPTS, type OracleEngine } from './oracle.suite.ts';

/** Recorded from real servers by e2e/conformance/oracles/registry.engine.test.ts. */
const GOLDEN: Record<OracleEngine, Record<string, unknown>> = { consul, etcd, zookeeper };

/** Scripts that were equal. */
const equal: Record<OracleEngine, number> = { consul: 0, etcd: 0, zookeeper: 0 };

describe.each(Object.keys(REGISTRY_SCRIPTS) as OracleEngine[])('%s, as the real server', (engine) => {
  test.each(REGISTRY_SCRIPTS[engine])('$name', async (script) => {
    expect(await playRegistry(script, modelDriver(engine))).toEqual(GOLDEN[engine][script.name]);
    equal[engine] += 1;
  });
});

afterAll(() => {
  const { consul: a, etcd: b, zookeeper: c } = equal;
  console.log(
    `${a + b + c} registry scripts equal to the real servers: Consul 1.8.7 ${a}, etcd 3.5.16 ${b}, ZooKeeper 3.9.3 ${c}`,
  );
});
