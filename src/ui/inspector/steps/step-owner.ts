import { createContext } from 'react';
import type { Step } from '../../../core/topology/types.ts';

/** The service whose steps are edited, and all steps of the handler (ids are unique there). */
export const StepOwner = createContext<{ service: string; allSteps: readonly Step[] }>({ service: '', allSteps: [] });
