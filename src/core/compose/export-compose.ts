import { ok, type Result } from '../base/result.ts';
import type { Document } from '../topology/schema/types.ts';
import { buildModel } from './build-model.ts';
import type { ModelOptions } from './export-context.ts';
import { fidelityRows, reportText } from './fidelity.ts';
import type { FidelityRow } from './model.ts';
import { readmeText } from './readme-text.ts';
import { composeText, envText } from './writers.ts';

export interface ExportOptions extends ModelOptions {
  /** `zip`: several files for a folder. `single`: one compose.yaml that holds everything, passwords included. */
  form: 'zip' | 'single';
}

export interface ComposeExport {
  /** Text by path, in the order of paths. */
  files: Map<string, string>;
  report: FidelityRow[];
}

/** The docker-compose project of a valid document. Pure: passwords and the built runtime come in; problems name what cannot be exported. */
export function exportCompose(document: Document, options: ExportOptions): Result<ComposeExport> {
  const built = buildModel(document, options);
  if (!built.ok) return built;
  const model = built.value;
  const report = fidelityRows(document, options.gateway);
  const files = new Map([['compose.yaml', composeText(model, options.form)]]);
  if (options.form === 'zip') {
    files.set('.env', envText(model));
    files.set('README.md', readmeText(document, model));
    files.set('EXPORT-REPORT.md', reportText(document, report));
    for (const [path, text] of model.files) files.set(path, text);
  }
  return ok({ files: new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))), report });
}
