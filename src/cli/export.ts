import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportCompose } from '../core/compose/export-compose.ts';
import { recordVerificationAsync } from '../core/compose/record-verification.ts';
import { performEffect } from '../hosts/tokens/perform-effect.ts';
import { runVirtualAsync } from '../hosts/virtual/run-virtual.ts';
import { type Command, EXIT, printProblems, UsageError } from './command.ts';
import { onlyFile, soundDocument, writeText } from './files.ts';

const DEFAULT_REQUESTS = 40;
const MAX_REQUESTS = 1000;

/** Where `npm run build` puts the runtime, seen from the built tool; `SERVARIUM_RUNTIME` names another folder. */
function runtimeFolder(): string {
  const given = process.env['SERVARIUM_RUNTIME'];
  if (given !== undefined) return given;
  const here = dirname(fileURLToPath(import.meta.url));
  const folders = [join(here, '../runtime'), join(here, '../../dist/runtime')];
  return folders.find((folder) => existsSync(folder)) ?? join(here, '../runtime');
}

function runtimeFiles(): Record<string, string> {
  const folder = runtimeFolder();
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

function requestCount(text: string | undefined): number {
  const count = Number(text ?? DEFAULT_REQUESTS);
  if (Number.isInteger(count) && count >= 0 && count <= MAX_REQUESTS) return count;
  throw new UsageError(`Failed to read --requests: not a whole number from 0 to ${MAX_REQUESTS} (${text ?? ''})`);
}

export const exportCommand: Command = {
  summary: 'export FILE --to compose -o DIR [--form zip|single] [--gateway runtime|nginx] [--requests 40]',
  help: `servarium export FILE --to compose -o DIR [--form zip|single] [--gateway runtime|nginx] [--requests N]

Writes a docker-compose project into DIR; start it with \`docker compose up -d --wait\`.
  --to compose      the only target so far
  -o, --output DIR  folder to write into; files of the same names are replaced
  --form zip        several files (default); --form single: one compose.yaml with everything inside, passwords too
  --gateway runtime gateways run the code of the tab (default); --gateway nginx: nginx, with a sidecar for what it cannot say
  --requests N      requests that the verify container replays (default ${DEFAULT_REQUESTS}, 0 = no verify container)`,
  options: { to: {}, output: { short: 'o' }, form: {}, gateway: {}, requests: {} },
  async run(input, output) {
    const { to, output: folder, form = 'zip', gateway = 'runtime', requests } = input.options;
    if (to !== 'compose') throw new UsageError(`Failed to export: --to has to be compose (${to ?? 'missing'})`);
    if (folder === undefined) throw new UsageError('Failed to export: -o DIR is missing');
    if (form !== 'zip' && form !== 'single')
      throw new UsageError(`Failed to export: --form has to be zip or single (${form})`);
    if (gateway !== 'runtime' && gateway !== 'nginx')
      throw new UsageError(`Failed to export: --gateway has to be runtime or nginx (${gateway})`);
    const count = requestCount(requests);
    const document = soundDocument(onlyFile(input), output);
    if (!document) return EXIT.problems;
    const result = exportCompose(document, {
      form,
      gateway,
      runtime: { files: runtimeFiles() },
      // Run once in virtual time, so that the export can prove itself.
      verify: await recordVerificationAsync(document, count, (definition, until) =>
        runVirtualAsync(definition, until, { perform: performEffect, hash: false }),
      ),
      secrets: { password: () => randomBytes(18).toString('base64url') },
    });
    if (!result.ok) {
      printProblems(result.error, output);
      return EXIT.problems;
    }
    for (const [path, text] of result.value.files) writeText(join(folder, path), text);
    // Passwords are in these two.
    for (const path of form === 'zip' ? ['.env'] : ['compose.yaml']) chmodSync(join(folder, path), 0o600);
    for (const path of result.value.files.keys()) output.out(join(folder, path));
    const lost = result.value.report.filter((row) => row.level === 'unsupported').length;
    output.out(`${result.value.files.size} files; ${result.value.report.length} fidelity rows, ${lost} unsupported`);
    return EXIT.ok;
  },
};
