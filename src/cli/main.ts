import { allowClosedPipe } from './closed-pipe.ts';
import { runCli } from './run-cli.ts';

// Composition root of the command line tool.
for (const stream of [process.stdout, process.stderr]) allowClosedPipe(stream);
process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
});
