import { createContext } from 'react';
import type { Step } from '../../../core/topology/schema/types.ts';

/** How a handler answers: a reply, an acknowledgement, one gRPC message, or a stream of them. */
export type Answers = 'http' | 'message' | 'unary' | 'stream';
interface Owner {
  service: string;
  /** All steps of the handler: ids are unique there. */
  allSteps: readonly Step[];
  answers: Answers;
}

/** The service and the handler whose steps are edited. */
export const StepOwner = createContext<Owner>({ service: '', allSteps: [], answers: 'http' });
