import { err, type Result } from '../../core/base/result.ts';
import type { Document } from '../../core/topology/types.ts';
import { appProblem } from '../app-texts.ts';

/** A document from the text of a file: our JSON, or a compose.yaml that was exported here. The readers load when they are first needed. */
export async function readText(name: string, text: string): Promise<Result<Document>> {
  if (/\.ya?ml$/i.test(name) || /^(services|name|x-servarium)\s*:/m.test(text)) {
    const { importCompose } = await import('../../core/compose/import-compose.ts');
    return importCompose(text);
  }
  const { parseDocument } = await import('../../core/topology/parse.ts');
  return parseDocument(text);
}

/** A shipped template, as every other document from outside: read and checked. */
export async function readTemplate(base: URL, name: string): Promise<Result<Document>> {
  const url = new URL(`examples/${name}.json`, base);
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await readText(`${name}.json`, await response.text());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return err([appProblem('TEMPLATE_UNREACHABLE', '', { name, reason })]);
  }
}
