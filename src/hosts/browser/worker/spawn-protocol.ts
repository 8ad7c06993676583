/** What the fabric worker asks of the page when it cannot make workers itself. */
export type SpawnRequest = { spawn: 'make'; name: string; port: MessagePort } | { spawn: 'end'; name: string };
/** What the page says about a worker that it made for the fabric. */
export interface SpawnReport {
  spawn: 'failed';
  name: string;
  reason: string;
}
const isSpawn = (data: unknown): data is { spawn: string } =>
  typeof data === 'object' && data !== null && 'spawn' in data;
export const isSpawnRequest = (data: unknown): data is SpawnRequest => isSpawn(data) && data.spawn !== 'failed';
export const isSpawnReport = (data: unknown): data is SpawnReport => isSpawn(data) && data.spawn === 'failed';
