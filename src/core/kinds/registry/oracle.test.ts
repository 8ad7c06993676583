import { describe, expect, test } from 'vitest';
import consul from './__golden__/consul-1.8.7.json';
import etcd from './__golden__/etcd-3.5.16.json';
import zookeeper from './__golden__/zookeeper-3.9.3.json';
import { modelDriver, playRegistry, REGISTRY_SCRIPTS, type OracleEngine } from './oracle.suite.ts';

/** Recorded from real servers by e2e/conformance/oracles/registry.engine.test.ts. */
const GOLDEN: Record<OracleEngine, Record<string, unknown>> = { consul, etcd, zookeeper };

describe.each(Object.keys(REGISTRY_SCRIPTS) as OracleEngine[])('%s, as the real server', (engine) => {
  test.each(REGISTRY_SCRIPTS[engine])('$name', async (script) => {
    expect(await playRegistry(script, modelDriver(engine))).toEqual(GOLDEN[engine][script.name]);
  });
});
