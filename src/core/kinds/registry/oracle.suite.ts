import type { ConfigOf } from '../../topology/schema/types.ts';
import { BlockingQueries } from './blocking-queries.ts';
import { createFlavour } from './create-flavour.ts';

/** Abstract operations on a registry; a script is a list of them, played against a real server and against our machine. */
export type RegistryOp =
  | { do: 'register'; id: string; ttlMs: number; service?: string }
  | { do: 'beat'; id: string; service?: string }
  | { do: 'leave'; id: string; service?: string }
  /** The connection of the instance breaks, and is taken up again (ZooKeeper). */
  | { do: 'drop'; id: string }
  | { do: 'wait'; ms: number }
  | { do: 'list'; service?: string }
  /** A question about `own` (Consul): `first` with no index, else with that of the last answer, or one far beyond it; `answer` waits for what comes of it, a few seconds at most; `still` looks after a moment. */
  | { do: 'ask'; index: 'first' | 'last' | 'beyond'; waitMs?: number }
  | { do: 'answer' }
  | { do: 'still' };
export interface RegistryScript {
  name: string;
  ops: RegistryOp[];
}
/** What an operation shows from outside: who is listed, whether a sign of life found somebody, whether a question still waits or came back with an earlier, the same or a later index. */
export type Seen = string | string[];

/** What a blocking query came back with. */
export interface Answer {
  index: number;
  ids: string[];
}
/** A registry under test. Names of services are made unique by the driver. */
export interface RegistryDriver {
  register(service: string, id: string, ttlMs: number): Promise<void>;
  beat(service: string, id: string): Promise<'known' | 'unknown'>;
  leave(service: string, id: string): Promise<void>;
  drop?(id: string): Promise<void>;
  list(service: string): Promise<string[]>;
  /** Resolves with the answer, however long that takes. */
  ask?(service: string, index: number, waitMs: number): Promise<Answer>;
  wait(ms: number): Promise<void>;
}

const up = (id: string, ttlMs: number): RegistryOp => ({ do: 'register', id, ttlMs });
const beat = (id: string): RegistryOp => ({ do: 'beat', id });
const leave = (id: string): RegistryOp => ({ do: 'leave', id });
const wait = (ms: number): RegistryOp => ({ do: 'wait', ms });
const list: RegistryOp = { do: 'list' };

/** Scripts that every flavour has to pass; waits stay clear of the edges by more than a server's own slack. */
const everywhere = (ttlMs: number, slackMs: number): RegistryScript[] => [
  { name: 'is listed from registration to leaving', ops: [list, up('a', ttlMs), list, leave('a'), list] },
  {
    name: 'is gone from the list after its time without a sign of life',
    ops: [up('a', ttlMs), wait(ttlMs - 700), list, wait(700 + slackMs), list],
  },
  {
    name: 'stays as long as signs of life come',
    ops: [
      up('a', ttlMs),
      wait(ttlMs - 900),
      beat('a'),
      wait(ttlMs - 900),
      beat('a'),
      wait(ttlMs - 900),
      list,
      wait(900 + slackMs),
      list,
    ],
  },
  { name: 'does not know who never registered', ops: [beat('a'), list, leave('a'), list] },
  {
    name: 'tells two instances apart',
    ops: [
      up('a', ttlMs),
      up('b', ttlMs),
      list,
      wait(ttlMs - 900),
      beat('b'),
      wait(900 + slackMs),
      list,
      leave('b'),
      list,
    ],
  },
  { name: 'may be left twice', ops: [up('a', ttlMs), leave('a'), leave('a'), list, beat('a')] },
];

const CONSUL: RegistryScript[] = [
  ...everywhere(3_000, 1_000),
  { name: 'a sign of life brings a critical one back', ops: [up('a', 2_000), wait(3_000), list, beat('a'), list] },
  {
    name: 'registering again is idempotent and starts the time anew',
    ops: [up('a', 3_000), wait(2_200), up('a', 3_000), list, wait(2_000), list, wait(2_000), list],
  },
  {
    name: 'an id that registers under another name leaves the old one',
    ops: [
      up('a', 5_000),
      list,
      { do: 'register', id: 'a', ttlMs: 5_000, service: 'other' },
      list,
      { do: 'list', service: 'other' },
    ],
  },
];
const first: RegistryOp = { do: 'ask', index: 'first' };
const next = (waitMs = 20_000): RegistryOp => ({ do: 'ask', index: 'last', waitMs });
const answer: RegistryOp = { do: 'answer' };
const still: RegistryOp = { do: 'still' };
/** What registered has reached the catalog by then. */
const settled = wait(800);
/** Two questions: one that is answered at once, one that goes on from its index. */
const follow = (waitMs?: number): RegistryOp[] => [settled, first, answer, next(waitMs), still];
const other: RegistryOp = { do: 'register', id: 'x', ttlMs: 30_000, service: 'other' };
const long = (id: string): RegistryOp => up(id, 30_000);
/** Blocking queries (SR3). */
const BLOCKING: RegistryScript[] = [
  { name: 'SR3: the first question about nobody is answered at once', ops: [first, answer] },
  { name: 'SR3: a question waits until somebody joins', ops: [long('a'), ...follow(), long('b'), answer] },
  {
    name: 'SR3: it comes back when its wait is over, with the same index',
    ops: [long('a'), ...follow(1_500), answer],
  },
  {
    name: 'SR3: signs of life, other services and registering again unchanged do not end it',
    ops: [long('a'), ...follow(), beat('a'), still, other, still, long('a'), still],
  },
  { name: 'SR3: it ends when the last one leaves', ops: [long('a'), ...follow(), leave('a'), answer] },
  { name: 'SR3: it ends when a check turns critical', ops: [up('a', 4_000), ...follow(), answer] },
  {
    name: 'SR3: that it ends is no guarantee of another list',
    ops: [up('a', 2_000), long('b'), wait(3_000), list, ...follow(), leave('a'), answer],
  },
  {
    name: 'SR3: an index that is old by now is answered at once',
    ops: [long('a'), settled, first, answer, long('b'), settled, next(), answer],
  },
  {
    name: 'SR3: an index of the future waits, whatever changes, and goes back at the end',
    ops: [
      long('a'),
      settled,
      first,
      answer,
      { do: 'ask', index: 'beyond', waitMs: 2_500 },
      still,
      long('b'),
      still,
      answer,
    ],
  },
];
const ETCD: RegistryScript[] = [
  ...everywhere(3_000, 1_600),
  { name: 'a TTL of one second is raised to two', ops: [up('a', 1_000), wait(1_600), list, wait(1_700), list] },
  {
    name: 'a sign of life after the end finds nobody; registering again helps',
    ops: [up('a', 2_000), wait(3_400), beat('a'), list, up('a', 2_000), list],
  },
  {
    name: 'registering again takes a new lease: the old one ends alone',
    ops: [up('a', 2_000), wait(1_000), up('a', 4_000), wait(2_400), list, wait(3_000), list],
  },
];
/** With ticks of 500 ms: sessions of 1 to 10 s. */
const ZOOKEEPER: RegistryScript[] = [
  ...everywhere(3_000, 1_300),
  { name: 'a session is never shorter than two ticks', ops: [up('a', 100), wait(600), list, wait(1_500), list] },
  {
    name: 'a broken connection shorter than the session changes nothing',
    ops: [up('a', 4_000), { do: 'drop', id: 'a' }, wait(1_500), list, beat('a'), wait(2_800), list],
  },
  {
    name: 'a session that expired cannot be taken up again',
    ops: [up('a', 2_000), { do: 'drop', id: 'a' }, wait(3_600), beat('a'), list],
  },
];
/** Scripts by engine, and the configuration that their server runs with. */
export const REGISTRY_SCRIPTS = { consul: [...CONSUL, ...BLOCKING], etcd: ETCD, zookeeper: ZOOKEEPER } as const;
export type OracleEngine = keyof typeof REGISTRY_SCRIPTS;
export const ZOOKEEPER_TICK_MS = 500;

/** Plays one script; gives what each operation showed. */
export async function playRegistry(script: RegistryScript, driver: RegistryDriver): Promise<Seen[]> {
  const seen: Seen[] = [];
  /** Index of the last answer, of the question that is open, and what came of it. */
  let [last, asked] = [0, 0];
  let came: Answer | null = null;
  for (const op of script.ops) {
    const service = ('service' in op ? op.service : undefined) ?? 'own';
    if (op.do === 'wait') await driver.wait(op.ms);
    else if (op.do === 'ask') {
      asked = op.index === 'first' ? 0 : last + (op.index === 'beyond' ? 1_000 : 0);
      came = null;
      // One that is open at the end of a script ends with its server.
      void driver.ask?.(service, asked, op.waitMs ?? 0).then(
        (given) => (came = given),
        () => undefined,
      );
    } else if (op.do === 'answer' || op.do === 'still') {
      if (op.do === 'still') await driver.wait(400);
      for (let n = 0; op.do === 'answer' && n < 50 && came === null; n += 1) await driver.wait(n === 0 ? 1 : 100);
      seen.push(shown(came, asked));
      last = (came as Answer | null)?.index ?? last;
    } else if (op.do === 'list') seen.push(await driver.list(service));
    else if (op.do === 'beat') seen.push(await driver.beat(service, op.id));
    else if (op.do === 'leave') await driver.leave(service, op.id);
    else if (op.do === 'drop') await driver.drop?.(op.id);
    else await driver.register(service, op.id, op.ttlMs);
  }
  return seen;
}

function shown(came: Answer | null, asked: number): Seen {
  if (came === null) return 'waits';
  return [came.index > asked ? 'later' : came.index === asked ? 'the same' : 'earlier', ...came.ids];
}

/** Our machine as the registry, under virtual time. A dropped connection says nothing to it: only silence counts. */
export function modelDriver(engine: OracleEngine): RegistryDriver {
  let now = 0;
  const config: ConfigOf<'registry'> = {
    engine,
    heartbeatMs: 1_000,
    ttlMs: 3_000,
    cacheTtlMs: 0,
    restartDelayMs: null,
    tickMs: ZOOKEEPER_TICK_MS,
  };
  const machine = createFlavour(config, 0);
  const questions = new BlockingQueries<{ service: string; done: (answer: Answer) => void }>();
  const answerOf = (service: string): Answer => {
    const { addresses, index } = machine.discover(service, now);
    return { index, ids: addresses.map(({ instance }) => instance) };
  };
  const tell = (askers: { service: string; done: (answer: Answer) => void }[]): void =>
    askers.forEach(({ service, done: told }) => told(answerOf(service)));
  const tellChanged = (): void => tell(questions.changed((service) => machine.discover(service, now).index));
  const advance = (ms: number): void => {
    const until = now + ms * 1000;
    for (;;) {
      const due = Math.min(machine.nextDue() ?? Infinity, questions.nextDue() ?? Infinity);
      if (due > until) break;
      now = due;
      machine.expire(now, () => 0);
      tell(questions.expire(now));
      tellChanged();
    }
    now = until;
  };
  const done = Promise.resolve();
  return {
    register(service, id, ttlMs) {
      machine.register({ service, instance: id, address: `10.0.0.1:80`, ttlUs: ttlMs * 1000 }, now);
      tellChanged();
      return done;
    },
    beat: (service, id) => Promise.resolve(machine.renew(service, id, now).known ? 'known' : 'unknown'),
    leave(service, id) {
      machine.deregister(service, id, now);
      tellChanged();
      return done;
    },
    list: (service) => Promise.resolve(machine.discover(service, now).addresses.map(({ instance }) => instance)),
    ask: (service, index, waitMs) =>
      new Promise((resolve) => {
        const asker = { service, done: resolve };
        const indexNow = machine.discover(service, now).index;
        if (!questions.holds({ service, index, waitMs }, asker, indexNow, now, 0)) resolve(answerOf(service));
      }),
    wait(ms) {
      advance(ms);
      return done;
    },
  };
}
