import type { ConfigOf } from '../../topology/types.ts';
import { createFlavour } from './create-flavour.ts';

/** Abstract operations on a registry; a script is a list of them, played against a real server and against our machine. */
export type RegistryOp =
  | { do: 'register'; id: string; ttlMs: number; service?: string }
  | { do: 'beat'; id: string; service?: string }
  | { do: 'leave'; id: string; service?: string }
  /** The connection of the instance breaks, and is taken up again (ZooKeeper). */
  | { do: 'drop'; id: string }
  | { do: 'wait'; ms: number }
  | { do: 'list'; service?: string };
export interface RegistryScript {
  name: string;
  ops: RegistryOp[];
}
/** What an operation shows from outside: who is listed, whether a sign of life found somebody. */
export type Seen = string | string[];

/** A registry under test. Names of services are made unique by the driver. */
export interface RegistryDriver {
  register(service: string, id: string, ttlMs: number): Promise<void>;
  beat(service: string, id: string): Promise<'known' | 'unknown'>;
  leave(service: string, id: string): Promise<void>;
  drop?(id: string): Promise<void>;
  list(service: string): Promise<string[]>;
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
export const REGISTRY_SCRIPTS = { consul: CONSUL, etcd: ETCD, zookeeper: ZOOKEEPER } as const;
export type OracleEngine = keyof typeof REGISTRY_SCRIPTS;
export const ZOOKEEPER_TICK_MS = 500;

/** Plays one script; gives what each operation showed. */
export async function playRegistry(script: RegistryScript, driver: RegistryDriver): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const op of script.ops) {
    const service = ('service' in op ? op.service : undefined) ?? 'own';
    if (op.do === 'wait') await driver.wait(op.ms);
    else if (op.do === 'list') seen.push(await driver.list(service));
    else if (op.do === 'beat') seen.push(await driver.beat(service, op.id));
    else if (op.do === 'leave') await driver.leave(service, op.id);
    else if (op.do === 'drop') await driver.drop?.(op.id);
    else await driver.register(service, op.id, op.ttlMs);
  }
  return seen;
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
  const advance = (ms: number): void => {
    const until = now + ms * 1000;
    for (let due = machine.nextDue(); due !== null && due <= until; due = machine.nextDue())
      machine.expire(due, () => 0);
    now = until;
  };
  const done = Promise.resolve();
  return {
    register(service, id, ttlMs) {
      machine.register({ service, instance: id, address: `10.0.0.1:80`, ttlUs: ttlMs * 1000 }, now);
      return done;
    },
    beat: (service, id) => Promise.resolve(machine.renew(service, id, now).known ? 'known' : 'unknown'),
    leave(service, id) {
      machine.deregister(service, id, now);
      return done;
    },
    list: (service) => Promise.resolve(machine.discover(service, now).addresses.map(({ instance }) => instance)),
    wait(ms) {
      advance(ms);
      return done;
    },
  };
}
