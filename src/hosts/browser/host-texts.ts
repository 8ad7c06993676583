import { problemMaker } from '../../core/base/problem.ts';

/** What keeps a run in the tab from starting or answering (English). */
export const HOST_TEXTS = {
  'LIMIT_INSTANCES.run':
    'Failed to start the run: it has {count} instances, a tab runs at most {limit} (run it headless)',
  RUN_IN_OTHER_TAB: 'Failed to start the run: this document runs in another tab (close it there first)',
  RUN_UNREACHABLE: '{reason}',
} as const;

/** Makes a problem of the browser host. */
export const hostProblem = problemMaker(HOST_TEXTS);
