import { err, ok, type Result } from '../../core/base/result.ts';
import { bareDocument } from '../../core/topology/bare-document.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { appProblem } from '../app-texts.ts';
import { exampleUrl } from '../last-document.ts';

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
  try {
    return await readText(`${name}.json`, await textOf(fetch(exampleUrl(base, name))));
  } catch (error) {
    return unreachable(name, error);
  }
}

/**
 * The example of a first visit from an answer that is under way, at once and without the reader, which weighs more than
 * the example: a test holds every shipped example to be what the reader gives. Whoever opens it has it read in full later.
 */
export async function readExample(name: string, answer: Promise<Response>): Promise<Result<Document>> {
  try {
    return ok(bareDocument(JSON.parse(await textOf(answer)) as Document));
  } catch (error) {
    return unreachable(name, error);
  }
}

async function textOf(answer: Promise<Response>): Promise<string> {
  const response = await answer;
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.text();
}

function unreachable(name: string, error: unknown): Result<never> {
  const reason = error instanceof Error ? error.message : String(error);
  return err([appProblem('TEMPLATE_UNREACHABLE', '', { name, reason })]);
}
