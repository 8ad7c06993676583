import { inspector } from './inspector.ts';
import { steps } from './steps.ts';

/** What only forms say; loaded with them. */
export const rest = { ...inspector, ...steps };
