import { expect, test } from 'vitest';
import { ok } from '../../core/base/result.ts';
import type { RunState } from '../../core/fabric/run-api.ts';
import { nextSpeed, sendDemo, SPEEDS, toggleBreak, type DemoRun } from './run-commands.ts';

test('speeds go up and down the list of decision 6 and stop at its ends', () => {
  expect([
    nextSpeed(0.1, 1),
    nextSpeed(0.1, -1),
    nextSpeed(10, 1),
    nextSpeed(Infinity, 1),
    nextSpeed(0.01, -1),
  ]).toEqual([0.25, 0.05, Infinity, Infinity, 0.01]);
  expect(nextSpeed(0.3, 1)).toBe(0.5);
  expect([...SPEEDS].sort((a, b) => a - b)).toEqual(SPEEDS);
});

const fault = { kind: 'step-error' as const, node: 'payment', step: 'charge', rate: 1, code: 'declined' };
const demo = {
  primary: { label: 'Send', client: 'web', request: 'create' },
  break: { label: 'Break', healLabel: 'Heal', fault },
};
/** A run that writes down what is asked of it. */
function spy(status: RunState['status'], faults: string[]): DemoRun & { calls: string[] } {
  const calls: string[] = [];
  const state: RunState = { status, now: 0, speed: 1, behindMs: 0, events: 0, inputs: 0, failure: null };
  return {
    calls,
    get: () => ({ state, faultsNow: new Map(faults.map((key) => [key, fault])) }),
    live: () => void calls.push('live'),
    play: async () => void calls.push('play'),
    inject: async (body) => {
      calls.push(body.kind);
      return ok({ at: 0, seq: 0, body });
    },
  };
}

test('sending shows now and plays a paused run; a running one is only sent the request', async () => {
  const paused = spy('paused', []);
  await sendDemo(paused, demo);
  const running = spy('running', []);
  await sendDemo(running, demo);
  expect([paused.calls, running.calls]).toEqual([
    ['live', 'request', 'play'],
    ['live', 'request'],
  ]);
});

test('a pause pressed while the request is on its way stays', async () => {
  const running = spy('running', []);
  const paused = spy('paused', []);
  await sendDemo({ ...running, get: () => (running.calls.includes('request') ? paused : running).get() }, demo);
  expect(running.calls).toEqual(['live', 'request']);
});

test('the break button does the opposite of the faults now, and shows now', async () => {
  const whole = spy('paused', []);
  await toggleBreak(whole, demo);
  const broken = spy('paused', ['payment/step-error/charge']);
  await toggleBreak(broken, demo);
  expect([whole.calls, broken.calls]).toEqual([
    ['live', 'fault.set'],
    ['live', 'fault.clear'],
  ]);
});
