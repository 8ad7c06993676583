import { exportCompose, type ComposeExport } from '../../core/compose/export-compose.ts';
import { recordVerificationAsync } from '../../core/compose/record-verification.ts';
import { err, type Result } from '../../core/base/result.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { validateDocument } from '../../core/topology/check/validate.ts';
import { performEffect } from '../../hosts/tokens/perform-effect.ts';
import { runVirtualAsync } from '../../hosts/virtual/run-virtual.ts';
import { appProblem } from '../app-texts.ts';

/** Requests that the verify container replays; a single file that people read carries fewer. */
const REQUESTS = { zip: 64, single: 20 };
const PASSWORD_BYTES = 18;

/** The docker-compose project of a document: `zip` many files, `single` one. The runtime comes from this site; passwords are made here and go nowhere else. Load lazily. */
export async function buildExport(
  document: Document,
  form: 'zip' | 'single',
  base: URL,
  gateway: 'runtime' | 'nginx' = 'runtime',
): Promise<Result<ComposeExport>> {
  const errors = validateDocument(document).filter((problem) => problem.severity === 'error');
  if (errors.length > 0) return err(errors);
  const runtime = await runtimeFiles(base);
  if (!runtime.ok) return runtime;
  return exportCompose(document, {
    form,
    gateway,
    runtime: { files: runtime.value },
    // A recorded run of the same document in virtual time, so that the containers can prove that they behave the same.
    verify: await recordVerificationAsync(document, REQUESTS[form], (definition, until) =>
      runVirtualAsync(definition, until, { perform: performEffect, hash: false }),
    ),
    secrets: { password },
  });
}

async function runtimeFiles(base: URL): Promise<Result<Record<string, string>>> {
  const folder = new URL('runtime/', base);
  try {
    const manifest = (await (await get(new URL('manifest.json', folder))).json()) as { files: { file: string }[] };
    const texts = await Promise.all(
      manifest.files.map(async ({ file }) => [file, await (await get(new URL(file, folder))).text()] as const),
    );
    return { ok: true, value: Object.fromEntries(texts) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return err([appProblem('RUNTIME_UNREACHABLE', '', { reason })]);
  }
}

async function get(url: URL): Promise<Response> {
  const response = await fetch(url);
  const type = response.headers.get('content-type') ?? '';
  // A development server answers every address with the page.
  if (!response.ok || type.includes('text/html')) throw new Error(`${url.pathname}: status ${response.status}`);
  return response;
}

function password(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(PASSWORD_BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}
