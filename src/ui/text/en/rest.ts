import { inspector } from './inspector.ts';
import { nodeForms } from './node-forms.ts';
import { policies } from './policies.ts';
import { steps } from './steps.ts';

/** What only forms say; loaded with them. */
export const rest = { ...inspector, ...nodeForms, ...policies, ...steps };
