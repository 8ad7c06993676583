import { problemMaker } from '../../base/problem.ts';

/** What refused edits say (English). They load with the page: keep them few. */
export const EDIT_TEXTS = {
  'NODE_UNKNOWN.rename': 'Failed to rename: there is no node "{node}"',
  'NODE_UNKNOWN.connect': 'Failed to connect: there is no node "{node}"',
  NAME_INVALID:
    'Failed to rename "{node}": a network name has 1 to 40 lower-case letters, digits and "-", and does not start with "-" ("{name}")',
  'NAME_DUPLICATE.rename': 'Failed to rename "{node}": another node is called "{name}"',
  CONNECT_REFUSED: 'Failed to connect {from} to {to}: {why}',
} as const;

/** Makes the problem of a refused edit. */
export const editProblem = problemMaker(EDIT_TEXTS);
