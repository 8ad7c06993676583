import { serve } from '../rpc.ts';
import { createFabricHost } from './fabric-host.ts';
import type { FabricNotice, FabricWorkerApi } from './fabric-protocol.ts';
import { nestedSpawn } from './instance-pool.ts';
import { pageSpawn } from './page-spawn.ts';
import { seal, SEALED_IN_FABRIC } from './seal.ts';

/** Turns this worker into the fabric of one run. Called once, by the entry file, which knows where the instance worker's script is. */
export function startFabricWorker(scope: DedicatedWorkerGlobalScope, createInstance: (name: string) => Worker): void {
  seal(scope, SEALED_IN_FABRIC);
  const post = (notice: FabricNotice): void => scope.postMessage(notice);
  const isNested = typeof Worker !== 'undefined';
  const spawn = isNested ? nestedSpawn(createInstance) : pageSpawn(scope);
  const host = createFabricHost(spawn, (batch) => post({ notice: 'batch', batch }), { isWarm: isNested });
  serve<FabricWorkerApi>(host, scope);
}
