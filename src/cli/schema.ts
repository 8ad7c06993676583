import { documentJsonSchema } from '../core/topology/schema/json-schema.ts';
import { type Command, EXIT, UsageError } from './command.ts';
import { writeText } from './files.ts';

export const schema: Command = {
  summary: 'schema [-o FILE]               JSON Schema of documents',
  help: `servarium schema [-o FILE]

Prints the JSON Schema of documents, or writes it to FILE: for editors that complete and check while you type.
  -o, --output FILE  file to write`,
  options: { output: { short: 'o' } },
  run(input, output) {
    if (input.positionals.length > 0)
      throw new UsageError(`Failed to start: schema takes no file (${input.positionals.join(' ')})`);
    const text = JSON.stringify(documentJsonSchema(), null, 2);
    const target = input.options['output'];
    if (target === undefined) output.out(text);
    else {
      writeText(target, `${text}\n`);
      output.out(target);
    }
    return EXIT.ok;
  },
};
