import type { Catalogue } from '../texts.ts';
import { canvas } from './canvas.ts';
import { commands } from './commands.ts';
import { dialogs } from './dialogs.ts';
import { faces } from './faces.ts';
import { inspector } from './inspector.ts';
import { nodeForms } from './node-forms.ts';
import { panels } from './panels.ts';
import { policies } from './policies.ts';
import { run } from './run.ts';
import { shell } from './shell.ts';
import { steps } from './steps.ts';

/** The Ukrainian catalogue, loaded only when it is wanted. A missing key fails the type check. */
export const uk: Catalogue = {
  ...shell,
  ...commands,
  ...canvas,
  ...faces,
  ...inspector,
  ...panels,
  ...nodeForms,
  ...policies,
  ...dialogs,
  ...steps,
  ...run,
};
