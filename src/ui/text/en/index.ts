import { first } from './first.ts';
import { library } from './library.ts';
import { rest } from './rest.ts';

/** The English catalogue: the reference that every other language has to match key by key. */
export const en = { ...first, ...rest, ...library };
