import { readFileSync } from 'node:fs';
import { compileTopology } from '../../src/core/topology/compile.ts';
import { brokenBalance } from '../../src/hosts/virtual/simulation/balance.suite.ts';
import { brokenPoliciesOf } from '../../src/hosts/virtual/simulation/calls-invariants.suite.ts';
import { playCalls } from '../../src/hosts/virtual/simulation/calls-run.suite.ts';
import { searchCalls } from '../../src/hosts/virtual/simulation/calls-search.suite.ts';
import { brokenInvariants } from '../../src/hosts/virtual/simulation/invariants.suite.ts';
import { brokenRegistries } from '../../src/hosts/virtual/simulation/registries.suite.ts';
import { brokenResilience } from '../../src/hosts/virtual/simulation/resilience.suite.ts';
import { messagesOfOneOrder, simulate, simulateDeath } from '../../src/hosts/virtual/simulation/simulate.suite.ts';

const document = JSON.parse(readFileSync('public/examples/order-saga.json', 'utf8'));
const topology = compileTopology(document);
const definition = (seed) => ({ documentId: document.id, topology, initialData: null, seed, inputs: [] });

/** The first thing that a check finds, or what it threw. */
function firstOf(check) {
  try {
    return check()[0];
  } catch (error) {
    return String(error);
  }
}
const problemOf = (run) => firstOf(() => brokenInvariants(run()));

/** Where something is wrong first: in the runs that show mistakes of balancing and resilience, among the deaths after each message of one order and the seeds up to `last`; null when nowhere. */
export function hunt(last) {
  return huntMachines() ?? huntSeeds(last, true);
}

/** The first mistake that short runs with replicas, or those of the machines of resilience, show; or null. */
function huntMachines() {
  const unbalanced = firstOf(brokenBalance);
  if (unbalanced) return { at: 'a run with replicas', problem: unbalanced };
  const unguarded = firstOf(brokenResilience);
  return unguarded ? { at: 'the machines of resilience', problem: unguarded } : null;
}

/** The first seed up to `last` in which the order saga breaks an invariant, or null; `deaths` too: whoever sends a message dies behind it. */
export function huntSeeds(last, deaths = false) {
  for (let seed = 1; seed <= last; seed++) {
    const problem = problemOf(() => simulate(definition(seed)).run);
    if (problem) return { at: `seed ${seed}`, problem };
    if (!deaths || seed !== Math.min(20, last)) continue;
    for (const sent of messagesOfOneOrder(definition(1))) {
      const after = problemOf(() => simulateDeath(definition(1), sent));
      if (after) return { at: `the death of ${sent.from} after ${sent.operation}`, problem: after };
    }
  }
  return null;
}

/** The first seed up to `last` in which the calls system breaks an invariant, or null. */
export function huntCalls(last) {
  for (let seed = 1; seed <= last; seed++) {
    const [found] = searchCalls(seed, 1).found;
    if (found) return { at: `seed ${seed}`, problem: found.problems[0] };
  }
  return null;
}

/** The first seed up to `last` in which breakers, budgets or pauses break an invariant among a crowd of clients, or null. */
export function huntCrowd(last) {
  for (let seed = 1; seed <= last; seed++) {
    const problem = firstOf(() => brokenPoliciesOf(playCalls(seed, { hash: false }, true)));
    if (problem) return { at: `seed ${seed}`, problem };
  }
  return null;
}

/** The first seed up to `last` whose random lives of registrations differ from a recount, or null. */
export function huntRegistries(last) {
  for (let seed = 1; seed <= last; seed++) {
    const problem = firstOf(() => brokenRegistries(seed));
    if (problem) return { at: `seed ${seed}`, problem };
  }
  return null;
}
