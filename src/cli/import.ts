import { importCompose } from '../core/compose/import-compose.ts';
import { type Command, EXIT, printProblems, UsageError } from './command.ts';
import { onlyFile, problemsOf, readText, writeText } from './files.ts';

export const importCommand: Command = {
  summary: 'import COMPOSE.yaml -o FILE    the document inside an exported compose.yaml',
  help: `servarium import COMPOSE.yaml -o FILE

Restores the document from a compose.yaml that Servarium exported (other compose files are refused) and writes it as JSON.
  -o, --output FILE  file to write`,
  options: { output: { short: 'o' } },
  run(input, output) {
    const file = onlyFile(input);
    const target = input.options['output'];
    if (target === undefined) throw new UsageError('Failed to import: -o FILE is missing');
    const result = importCompose(readText(file));
    if (!result.ok) {
      printProblems(problemsOf(file, result.error), output);
      return EXIT.problems;
    }
    writeText(target, `${JSON.stringify(result.value, null, 2)}\n`);
    output.out(target);
    return EXIT.ok;
  },
};
