import { countInstances } from '../core/topology/check/validate.ts';
import { type Command, EXIT } from './command.ts';
import { onlyFile, soundDocument } from './files.ts';

export const check: Command = {
  summary: 'check FILE                     is the document sound?',
  help: `servarium check FILE

Reads a document (.json) or a compose.yaml that Servarium exported and prints every problem with the exact place,
one per line: SEVERITY FILE#PATH: MESSAGE [CODE]. Exit status 0 when there is no error (warnings do not count), 1 otherwise.`,
  options: {},
  run(input, output) {
    const document = soundDocument(onlyFile(input), output);
    if (!document) return EXIT.problems;
    const { nodes, links } = document;
    output.out(
      `${document.name}: ${Object.keys(nodes).length} nodes, ${Object.keys(links).length} links, ${countInstances(document)} instances, no errors`,
    );
    return EXIT.ok;
  },
};
