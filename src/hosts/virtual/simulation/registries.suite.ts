import type { Payload } from '../../../core/fabric/message.ts';
import { Resolver } from '../../../core/kinds/caller/resolve.ts';
import { registryActor } from '../../../core/kinds/registry/actor.ts';
import { createFlavour } from '../../../core/kinds/registry/create-flavour.ts';
import type { Change, RegistryFlavour } from '../../../core/kinds/registry/flavour.ts';
import { createFakePort } from '../../../core/kinds/testing/fake-port.ts';
import { addressOf, initOf, peerOf, registryRecord, serviceRecord } from '../../../core/kinds/testing/fixtures.ts';
import { generator } from '../../../core/resilience/interleavings.suite.ts';
import type { ConfigOf } from '../../../core/topology/schema/types.ts';

type Engine = ConfigOf<'registry'>['engine'];
const ENGINES: readonly Engine[] = ['consul', 'eureka', 'etcd', 'zookeeper'];
const S = 1_000_000;
const TICK_US = 500_000;
const SWEEP_US = 2 * S;
const IDS = ['order#0', 'order#1', 'order#2'];
const STEPS = 40;
const config = (engine: Engine): ConfigOf<'registry'> => ({
  engine,
  heartbeatMs: 1000,
  ttlMs: 3000,
  cacheTtlMs: 0,
  restartDelayMs: null,
  tickMs: TICK_US / 1000,
  evictionIntervalMs: SWEEP_US / 1000,
  responseCacheMs: 0,
  selfPreservation: { renewalThreshold: 0 },
});

/** How long a registration is surely listed after its last sign of life, and how much later it is surely not. */
function lifeOf(engine: Engine, ttlUs: number, isRenewed: boolean): { sureUs: number; slackUs: number } {
  switch (engine) {
    case 'consul':
      return { sureUs: ttlUs, slackUs: 0 };
    case 'etcd':
      return { sureUs: Math.max(2 * S, Math.ceil(ttlUs / S) * S), slackUs: 500_000 };
    case 'zookeeper':
      return { sureUs: Math.min(20 * TICK_US, Math.max(2 * TICK_US, ttlUs)), slackUs: TICK_US };
    case 'eureka':
      // One sweep takes one of three.
      return { sureUs: (isRenewed ? 2 : 1) * ttlUs + 1, slackUs: SWEEP_US * IDS.length };
  }
}

interface Life {
  until: number;
  goneBy: number;
  ttlUs: number;
}
const listed = (machine: RegistryFlavour, now: number): string[] =>
  machine.discover('order', now).addresses.map(({ instance }) => instance);

/** A random life of three registrations at the machine of one registry against a recount of who has to be listed; what is wrong first, in words. */
function brokenLives(engine: Engine, seed: number): string | null {
  const below = generator(seed);
  const machine = createFlavour(config(engine), 0);
  const lives = new Map<string, Life>();
  let now = 0;
  let before = { list: '', index: machine.discover('order', 0).index };
  for (let step = 0; step < STEPS; step += 1) {
    const id = IDS[below(IDS.length)] as string;
    const life = lives.get(id);
    const what = below(8);
    if (what < 4) {
      const edge = life === undefined ? now : [life.until - 1, life.until, life.goneBy][below(3)]!;
      const until = below(2) === 0 || edge <= now ? now + 1 + below(1_500_000) : edge;
      const stuck = pass(engine, machine, until, below);
      if (stuck !== null) return stuck;
      now = until;
    } else if (what === 4) {
      const ttlUs = (1 + below(4)) * 1_000_000 + below(2) * 300_000;
      machine.register({ service: 'order', instance: id, address: '10.0.0.1:80', ttlUs }, now);
      const { sureUs, slackUs } = lifeOf(engine, ttlUs, false);
      lives.set(id, { until: now + sureUs, goneBy: now + sureUs + slackUs, ttlUs });
    } else if (what < 7) {
      const isThere = listed(machine, now).includes(id);
      const { known } = machine.renew('order', id, now);
      if (isThere && !known) return `a sign of life of ${id}, which is listed, finds nobody`;
      if (known && life === undefined) return `a sign of life of ${id}, which is not registered, finds somebody`;
      if (known && !isThere && engine !== 'consul') return `a sign of life of ${id}, which has ended, finds somebody`;
      if (known && life !== undefined) {
        const { sureUs, slackUs } = lifeOf(engine, life.ttlUs, true);
        lives.set(id, { ...life, until: now + sureUs, goneBy: now + sureUs + slackUs });
      }
    } else {
      machine.deregister('order', id, now);
      lives.delete(id);
    }
    const list = listed(machine, now);
    for (const one of IDS) {
      const { until = -1, goneBy = 0 } = lives.get(one) ?? {};
      if (now < until && !list.includes(one)) return `${one} is not listed ${until - now} µs before its end`;
      if (now >= goneBy && list.includes(one)) return `${one} is listed ${now - goneBy} µs after its end`;
      if (engine !== 'consul' && !list.includes(one)) lives.delete(one);
    }
    const { index } = machine.discover('order', now);
    if (index < before.index) return 'the index goes back';
    if (index === before.index && list.join() !== before.list) return 'another list under the same index';
    before = { list: list.join(), index };
  }
  return null;
}

/** Lets time pass; null, or what is wrong. */
function pass(engine: Engine, machine: RegistryFlavour, until: number, below: (n: number) => number): string | null {
  for (let due = machine.nextDue(); due !== null && due <= until; due = machine.nextDue()) {
    const size = machine.entries().length;
    const went = machine.expire(due, () => below(1000) / 1000).filter(({ status }) => status === 'gone').length;
    if (machine.nextDue() === due) return `nothing happens at ${due}, when something is due`;
    if (machine.entries().length !== size - went) return 'who is gone is still there';
    if (engine === 'eureka' && went > size - Math.floor(size * 0.85)) return `one sweep takes ${went} of ${size}`;
  }
  return null;
}

/** Two watchers of a registry that tells: what they were told against what it answers; what is wrong first, in words. */
function brokenWatches(engine: 'etcd' | 'zookeeper', seed: number): string | null {
  const below = generator(seed);
  const record = registryRecord('registry', 1000);
  if (record.kind === 'registry') record.config = config(engine);
  const port = createFakePort(initOf('registry', record));
  port.attach(registryActor);
  port.deliver({ type: 'start' });
  port.advance(1000);
  const say = (payload: Payload, from: string): void =>
    void port.message(payload, { from, link: 'disc', operation: payload.kind });
  const found = (): string => {
    say({ kind: 'registry.discover', service: 'order' }, 'other#0');
    const { payload } = port.sent.at(-1)!;
    return payload.kind === 'registry.result' ? payload.addresses.map(({ instance }) => instance).join() : 'no answer';
  };
  /** The list that a watcher has; null = it was told to read again. */
  const has = new Map<string, string | null>();
  let truth = found();
  for (let step = 0; step < STEPS; step += 1) {
    const seen = port.sent.length;
    const id = IDS[below(IDS.length)] as string;
    const watcher = `gw#${below(2)}`;
    const what = below(6);
    if (what === 0) say({ kind: 'registry.register', service: 'order', address: '10.0.0.1:80', ttlMs: 2000 }, id);
    else if (what === 1) say({ kind: 'registry.deregister', service: 'order' }, id);
    else if (what === 2) say({ kind: 'registry.heartbeat', service: 'order' }, id);
    else if (what === 3) port.advance(1 + below(2_000_000));
    else {
      say({ kind: 'registry.discover', service: 'order', watch: true }, watcher);
      has.set(watcher, truth);
    }
    const told = new Map<string, number>();
    for (const { to, payload } of port.sent.slice(seen)) {
      if (payload.kind !== 'registry.notice') continue;
      told.set(to, (told.get(to) ?? 0) + 1);
      if (engine === 'zookeeper' && has.get(to) === null) return `a watch of ${to} fires twice`;
      has.set(to, payload.addresses?.map(({ instance }) => instance).join() ?? null);
    }
    const now = found();
    for (const [who, list] of has)
      if (list !== null && list !== now) return `${who} was told [${list}] where there is [${now}]`;
    if (now === truth && told.size > 0 && what !== 3) return 'a watcher is told of no change';
    truth = now;
  }
  return null;
}

/** A caller that follows a Consul by blocking queries, while registrations come and go and the server is replaced: what is wrong first, in words. */
function brokenPolls(seed: number): string | null {
  const below = generator(seed);
  const record = registryRecord('registry', 1000);
  const at = (ttlMs: number): ConfigOf<'registry'> => ({
    ...config('consul'),
    ttlMs,
    blockingWaitMs: POLL_WAIT_MS,
  });
  if (record.kind === 'registry') record.config = at(3000);
  const server = createFakePort(initOf('registry', record));
  server.attach(registryActor);
  server.deliver({ type: 'start' });
  const target = peerOf('order', 'http', 'out', serviceRecord('order'), IDS.length);
  const peers = [target, peerOf('registry', 'discovery', 'out', record)];
  const caller = createFakePort(initOf('gw', serviceRecord('gw'), peers));
  const resolver = new Resolver(caller, 'http', () => undefined);
  caller.onTimer((token) => void resolver.timer(token));
  let [asked, answered] = [0, 0];
  /** Carries what both have said, until they are silent. */
  const carry = (): void => {
    while (asked < caller.sent.length || answered < server.sent.length) {
      const question = caller.sent[asked];
      if (question !== undefined) {
        asked += 1;
        const { id, payload } = question;
        server.message(payload, { from: 'gw#0', link: 'disc', operation: 'discover', id });
      }
      const told = server.sent[answered];
      if (told !== undefined) answered += 1;
      if (told?.to === 'gw#0') resolver.message({ ...told, from: 'registry#0', departAt: told.t, arriveAt: told.t });
    }
  };
  const pass = (us: number): void => {
    for (const port of [server, caller]) port.advance(us);
    carry();
  };
  const say = (payload: Payload, from: string): void =>
    void server.message(payload, { from, link: 'disc', operation: payload.kind });
  pass(1000);
  for (let step = 0; step < STEPS; step += 1) {
    const id = IDS[below(IDS.length)] as string;
    const address = addressOf(Number(id.split('#')[1]));
    const what = below(6);
    if (what < 2) say({ kind: 'registry.register', service: 'order', address, ttlMs: 2000 + below(3) * 1000 }, id);
    else if (what === 2) say({ kind: 'registry.deregister', service: 'order' }, id);
    else if (what === 3) pass(1 + below(2_000_000));
    else if (what === 4 && below(4) === 0) {
      const next = { ...record, config: at(3001 + step) } as typeof record;
      server.reconfigure(next, []);
      caller.reconfigure(caller.init.record, [target, peerOf('registry', 'discovery', 'out', next)]);
    } else say({ kind: 'registry.heartbeat', service: 'order' }, id);
    carry();
    pass(POLL_SLACK_US);
    // A list that is empty is asked for by every call.
    if (resolver.resolve(step, target) === null) carry();
    const list = (resolver.resolve(step, target) ?? []).join();
    const truth = (server.inspect() as unknown as { entries: Change[] }).entries
      .filter(({ status, service }) => status === 'passing' && service === 'order')
      .map(({ instance }) => instance)
      .join();
    if (list !== truth) return `a caller goes by [${list}] where there is [${truth}]`;
  }
  const questions = caller.sent.length;
  return questions > STEPS * 12 ? `${questions} questions in ${STEPS} steps` : null;
}
/** Far longer than a random life, so that only changes end a question; and what the pause between two questions may take. */
const POLL_WAIT_MS = 500_000;
const POLL_SLACK_US = 110_000;

/** What is wrong in the random lives of registrations of one seed, for each kind of registry (SR2, SR3, SR4, SR6, SR7); empty when nothing is. */
export function brokenRegistries(seed: number): string[] {
  const lives = ENGINES.map((engine) => ({ engine, problem: brokenLives(engine, seed) }));
  const watches = (['etcd', 'zookeeper'] as const).map((engine) => ({ engine, problem: brokenWatches(engine, seed) }));
  const polls = [{ engine: 'consul', problem: brokenPolls(seed) }];
  return [...lives, ...watches, ...polls].flatMap(({ engine, problem }) =>
    problem === null ? [] : [`${engine}: ${problem}`],
  );
}
