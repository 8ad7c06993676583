import { canvas } from './canvas.ts';
import { commands } from './commands.ts';
import { faces } from './faces.ts';
import { run } from './run.ts';
import { shell } from './shell.ts';

/** What the first screen says. */
export const first = { ...shell, ...commands, ...canvas, ...faces, ...run };
