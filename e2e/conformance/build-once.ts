import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT_RUNTIME, buildRuntime, whyNoEngine } from './stack.ts';

/** Before all files: the runtime that every exported stack holds, unless no stack can run. */
export default async function buildOnce(): Promise<(() => void) | undefined> {
  if (whyNoEngine(['node:24-alpine']) !== null) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'servarium-runtime-'));
  for (const [name, text] of Object.entries(await buildRuntime())) writeFileSync(join(folder, name), text);
  process.env[BUILT_RUNTIME] = folder;
  return () => rmSync(folder, { recursive: true });
}
