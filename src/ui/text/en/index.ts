import { dialogs } from './dialogs.ts';
import { first } from './first.ts';
import { panels } from './panels.ts';
import { rest } from './rest.ts';

/** The English catalogue: the reference that every other language has to match key by key. */
export const en = { ...first, ...panels, ...dialogs, ...rest };
