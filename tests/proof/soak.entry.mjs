import { parentPort, workerData } from 'node:worker_threads';
import { searchCalls } from '../../src/hosts/virtual/simulation/calls-search.suite.ts';

// A slice at a time, so that the number of runs can be shown and a finding ends the search.
const { from, seeds, step, slice } = workerData;
for (let done = 0; done < seeds; done += slice * step) {
  const { runs, events, found } = searchCalls(from + done, Math.min(slice * step, seeds - done), step);
  parentPort?.postMessage({ runs, events, found });
  if (found.length > 0) break;
}
