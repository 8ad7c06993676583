import { expect, test } from 'vitest';
import { err, ok, type Result } from '../../core/base/result.ts';
import type { RunBatch, RunDefinition, RunPort, RunState } from '../../core/fabric/run-api.ts';
import { openAhead, type LikelyRun } from './open-ahead.ts';

const state = (now: number, status: RunState['status'] = 'booting'): RunState => ({
  status,
  now,
  speed: 0.1,
  behindMs: 0,
  events: 0,
  inputs: 0,
  failure: null,
});
const definition = (seed: number): RunDefinition => ({
  documentId: 'd',
  topology: { nodes: {}, links: {} },
  initialData: null,
  seed,
  inputs: [],
});
const LIKELY: LikelyRun = { definition: definition(1), speed: 0.1 };
const batch = (now: number): RunBatch => ({ state: state(now), events: [] });

function setUp(likely: LikelyRun | null, answer: Result<RunState> = ok(state(-1))) {
  const calls: string[] = [];
  const heard: number[] = [];
  let tell: (told: RunBatch) => void = () => undefined;
  const done = (name: string) => async () => void calls.push(name);
  const port = {
    open: async ({ seed }: RunDefinition, { speed, play }: { speed: number; play: boolean }) => {
      calls.push(`open ${seed} ${speed} ${play}`);
      return answer;
    },
    close: done('close'),
    play: done('play'),
    setSpeed: async (speed: number) => void calls.push(`speed ${speed}`),
    subscribe: (listener: (told: RunBatch) => void) => {
      tell = listener;
      return () => undefined;
    },
  } as unknown as RunPort;
  const ahead = openAhead(port, Promise.resolve(likely));
  ahead.subscribe(({ state: { now } }) => heard.push(now));
  return { ahead, calls, heard, tell: (now: number) => tell(batch(now)) };
}
const settle = () => new Promise<void>((next) => void setTimeout(next));

test('the likely run boots before it is asked for and waits; whoever asks for it hears everything and lets it go', async () => {
  const { ahead, calls, heard, tell } = setUp(LIKELY);
  await settle();
  expect(calls).toEqual(['open 1 0.1 false']);
  tell(-5);
  tell(0);
  expect(heard).toEqual([]);
  expect(await ahead.open(definition(1), { speed: 0.1, play: true })).toEqual(ok(state(-1)));
  tell(7);
  expect(heard).toEqual([-5, 0, 7]);
  expect(calls).toEqual(['open 1 0.1 false', 'play']);
  await ahead.open(definition(1), { speed: 0.1, play: true });
  expect(calls.at(-1)).toBe('open 1 0.1 true');
});

test('it keeps waiting, at the speed asked for, if it is not to play', async () => {
  const { ahead, calls } = setUp(LIKELY);
  await ahead.open(definition(1), { speed: 2, play: false });
  expect(calls).toEqual(['open 1 0.1 false', 'speed 2']);
});

test('another run takes its place, and nothing of the one that nobody wanted is told', async () => {
  const { ahead, calls, heard, tell } = setUp(LIKELY);
  await settle();
  tell(-5);
  await ahead.open(definition(2), { speed: 1, play: true });
  tell(3);
  expect(calls).toEqual(['open 1 0.1 false', 'close', 'open 2 1 true']);
  expect(heard).toEqual([3]);
});

test('it can be closed before anybody asked for it, also before it began', async () => {
  const { ahead, calls } = setUp(LIKELY);
  await ahead.close();
  await settle();
  expect(calls).toEqual(['close']);
  await ahead.open(definition(1), { speed: 1, play: true });
  expect(calls).toEqual(['close', 'open 1 1 true']);
});

test('nothing is begun where nothing is likely', async () => {
  const { ahead, calls } = setUp(null);
  await settle();
  expect(calls).toEqual([]);
  await ahead.open(definition(1), { speed: 1, play: true });
  expect(calls).toEqual(['open 1 1 true']);
});

test('whoever takes it hears why it could not begin', async () => {
  const problem = { code: 'RUN_UNREACHABLE', text: '', values: {}, message: 'no', at: '', severity: 'error' as const };
  const { ahead, calls } = setUp(LIKELY, err([problem]));
  expect(await ahead.open(definition(1), { speed: 0.1, play: true })).toEqual(err([problem]));
  expect(calls).toEqual(['open 1 0.1 false']);
});
