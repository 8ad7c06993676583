import { canvas } from './canvas.ts';
import { commands } from './commands.ts';
import { faces } from './faces.ts';
import { inspector } from './inspector.ts';
import { run } from './run.ts';
import { shell } from './shell.ts';
import { steps } from './steps.ts';

/** The English catalogue: the reference that every other language has to match key by key. */
export const en = { ...shell, ...commands, ...canvas, ...faces, ...inspector, ...steps, ...run };
