import { parseArgs } from 'node:util';
import { CORE_VERSION } from '../core/fabric/encode.ts';
import { check } from './check.ts';
import { type Command, EXIT, type Output, UsageError } from './command.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { schema } from './schema.ts';
import { simulate } from './simulate.ts';

const COMMANDS: Record<string, Command> = { check, simulate, export: exportCommand, import: importCommand, schema };

const HELP = `servarium ${CORE_VERSION}: a terrarium for microservices, without the browser

${Object.values(COMMANDS)
  .map((command) => `  servarium ${command.summary}`)
  .join('\n')}

\`servarium COMMAND --help\` tells more. FILE is a document (.json) or a compose.yaml that Servarium exported.
Exit status: 0 done · 1 the document has problems · 2 the command line is wrong or a file cannot be read or written.`;

/** Runs one command line (without node and script) and returns the exit code; never throws for mistakes of the user. */
export async function runCli(args: readonly string[], output: Output): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') {
    output.out(HELP);
    return EXIT.ok;
  }
  if (name === '--version') {
    output.out(CORE_VERSION);
    return EXIT.ok;
  }
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    output.err(name === undefined ? HELP : `Failed to start: unknown command (${name}); see servarium --help`);
    return EXIT.usage;
  }
  try {
    const options = Object.fromEntries(
      Object.entries(command.options).map(([option, { short }]) => [
        option,
        { type: 'string' as const, ...(short ? { short } : {}) },
      ]),
    );
    const parsed = parseArgs({
      args: rest,
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    const { help, ...values } = parsed.values;
    if (help === true) {
      output.out(command.help);
      return EXIT.ok;
    }
    return await command.run(
      { positionals: parsed.positionals, options: values as Record<string, string | undefined> },
      output,
    );
  } catch (error) {
    const isUsage =
      error instanceof UsageError ||
      (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
    // Anything else is a bug and has to be seen.
    if (!isUsage) throw error;
    output.err(error.message);
    return EXIT.usage;
  }
}
