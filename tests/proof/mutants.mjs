// Does the simulation see defects? Each mutant is the real source with one mistake; it has to be found within the seeds. Run by `npm run proof`.
import { mkdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const OUT = 'node_modules/.cache/proof';
const KINDS = 'src/core/kinds';

/** `from` stands exactly once in the file; `by: 'calls'`: hunted in the calls system, else in the order saga. */
const MUTANTS = [
  {
    name: 'a second row with the same key is accepted (double charge)',
    file: `${KINDS}/database/statements.ts`,
    from: 'uniqueConflict(shared, tx, table, row, null)',
    to: 'null',
  },
  {
    name: 'a rollback makes the writes durable',
    file: `${KINDS}/database/machine.ts`,
    from: "!result.ok || op.op === 'rollback'",
    to: '!result.ok',
  },
  {
    name: 'locks of a dead client stay',
    file: `${KINDS}/database/machine.ts`,
    from: 'db.transactions.delete(tx.id);\n    abortWrites(db, tx);',
    to: 'db.transactions.delete(tx.id);',
  },
  {
    name: 'what a dead consumer held is dropped',
    file: `${KINDS}/broker/machine.ts`,
    from: 'queue.unacked.delete(tag);\n    giveBack(broker, queue, entry, out);',
    to: 'queue.unacked.delete(tag);',
  },
  {
    name: 'dead letters are stored and forgotten',
    file: `${KINDS}/broker/machine.ts`,
    from: 'queue.dead.push(dead);',
    to: '',
  },
  {
    name: 'every failure is final',
    file: `${KINDS}/service/amqp-inbound.ts`,
    from: 'failure?.retriable !== false',
    to: 'false',
  },
  {
    name: 'a failed message is acknowledged',
    file: `${KINDS}/service/amqp-inbound.ts`,
    from: "? { kind: 'amqp.nack', queue, deliveryTag, requeue }",
    to: "? { kind: 'amqp.ack', queue, deliveryTag }",
  },
  {
    name: 'the outbox of a crashed instance is never looked at',
    file: `${KINDS}/service/actor.ts`,
    from: 'this.relay.recover(store);',
    to: ';',
  },
  {
    name: 'a drained instance leaves its outbox behind',
    file: `${KINDS}/service/actor.ts`,
    from: ' && this.relay.isIdle',
    to: '',
  },
  {
    name: 'a lost answer to a commit loses the event',
    file: 'src/core/behaviour/interpreter.ts',
    from: 'if (tx.outbox.length > 0)',
    to: 'if (committed.ok && tx.outbox.length > 0)',
  },
  {
    name: 'a published row stays in the outbox',
    file: 'src/core/behaviour/outbox.ts',
    from: 'if (!deleted.ok) return deleted.failure;',
    to: 'return null;',
  },
  {
    name: 'a repeated publication starts its span twice',
    file: `${KINDS}/service/perform-publish.ts`,
    from: '...(origin?.again ? [context.spanId] : [])',
    to: '',
  },
  {
    name: 'heartbeats pile up',
    file: `${KINDS}/service/memberships.ts`,
    from: 'if (waiting !== undefined) this.port.cancel(waiting);',
    to: '',
  },
  {
    name: 'nobody rejoins a restarted broker or registry',
    file: `${KINDS}/service/memberships.ts`,
    from: 'this.port.after(RECONNECT_MS * 1000, { rejoin: node });',
    to: '',
  },
  {
    name: 'neighbours are not told of a death',
    file: 'src/core/fabric/lifecycle.ts',
    from: 'if (notified.has(other.instance)',
    to: 'if (true || notified.has(other.instance)',
  },
  {
    name: 'a discovered list is kept for ever',
    file: `${KINDS}/caller/resolve.ts`,
    from: 'kept !== undefined && this.port.now() < kept.until',
    to: 'kept !== undefined',
  },
  {
    name: 'round robin skips a live instance',
    file: 'src/core/balance/round-robin.ts',
    from: 'return ids[(at + 1) % ids.length] ?? null;',
    to: 'return ids[(at + (at === 0 ? 2 : 1)) % ids.length] ?? null;',
  },
  {
    name: 'an ejection never ends',
    file: 'src/core/balance/outlier.ts',
    from: 'now >= host.until)',
    to: 'now >= host.until + 1e15)',
  },
  {
    name: 'requests that are done still count as under way',
    file: `${KINDS}/caller/upstreams.ts`,
    from: '(upstream.active.get(instance) ?? 0) - 1;',
    to: 'upstream.active.get(instance) ?? 0;',
  },
  {
    name: 'a permit leaks: more probes than permits',
    file: 'src/core/resilience/breaker.ts',
    from: 'breaker.permits -= 1;',
    to: '{}',
  },
  {
    name: 'an ignored error keeps its permit',
    file: 'src/core/resilience/breaker.ts',
    from: "if (breaker.state === 'half-open') breaker.permits += 1;",
    to: '',
  },
  {
    name: 'a late result of a former state counts',
    file: 'src/core/resilience/breaker.ts',
    from: 'if (permit.episode !== breaker.episode) return;',
    to: '',
  },
  {
    name: 'a breaker opens only above its threshold',
    file: 'src/core/resilience/breaker.ts',
    from: 'failed * 100 >= failureRatePercent * calls',
    to: 'failed * 100 > failureRatePercent * calls',
  },
  {
    name: 'a call of exactly the limit is slow',
    file: 'src/core/resilience/breaker.ts',
    from: 'now - permit.admittedAt > breaker',
    to: 'now - permit.admittedAt >= breaker',
  },
  {
    name: 'a window of time is a second too long',
    file: 'src/core/resilience/breaker-window.ts',
    from: 'first.second <= second - window.size',
    to: 'first.second < second - window.size',
  },
  {
    name: 'a token comes a microsecond too early',
    file: 'src/core/resilience/token-bucket.ts',
    from: 'bucket.parts + elapsed * config',
    to: 'bucket.parts + (elapsed + 1) * config',
  },
  {
    name: 'a sliding window is a microsecond too long',
    file: 'src/core/resilience/sliding-window.ts',
    from: '<= now - width',
    to: '< now - width',
  },
  {
    name: 'a fixed window admits one too many',
    file: 'src/core/resilience/fixed-window.ts',
    from: 'window.admitted < config.limit',
    to: 'window.admitted <= config.limit',
  },
  {
    name: 'a place in a bulkhead is lost when its call ends',
    file: 'src/core/resilience/bulkhead.ts',
    from: 'if (next === undefined) bulkhead.active -= 1;',
    to: '',
  },
  {
    name: 'the retry budget is off',
    file: 'src/core/resilience/retry.ts',
    from: 'if (retrying >= most)',
    to: 'if (false)',
  },
  {
    name: 'there is no jitter',
    file: 'src/core/resilience/backoff.ts',
    from: "backoff.jitter === 'full' ? u",
    to: "backoff.jitter === 'full' ? 1",
  },
  {
    name: 'whatever failed is repeated, idempotent or not',
    file: 'src/core/resilience/retry.ts',
    from: '!failed.idempotent && ',
    to: 'false && ',
  },
  {
    name: 'a try may begin after the deadline',
    file: 'src/core/resilience/retry.ts',
    from: 'if (now + delayUs >= deadline)',
    to: 'if (false)',
  },
  {
    name: "half of the throttle's tokens still let retries through",
    file: 'src/core/resilience/retry-throttle.ts',
    from: 'throttle.tokens * 2 <= throttle.max',
    to: 'throttle.tokens * 2 < throttle.max',
  },
  {
    name: 'a retry that is over still counts as under way',
    file: 'src/core/resilience/retry-budget.ts',
    from: 'else budget.retrying -= 1;',
    to: '',
  },
  {
    name: 'a link that loses messages spares ordered connections',
    by: 'calls',
    file: 'src/core/fabric/network.ts',
    from: 'if (loss) {',
    to: 'if (loss && !ordered) {',
  },
  {
    name: 'a one-way partition is none',
    by: 'calls',
    file: 'src/core/fabric/network.ts',
    from: "partition.direction !== (forward ? 'backward' : 'forward')",
    to: "partition.direction === 'both'",
  },
  {
    name: 'a connection goes on behind a gap',
    by: 'calls',
    file: 'src/core/fabric/routing.ts',
    from: 'if (stuck) return',
    to: 'if (stuck && false) return',
  },
  {
    name: 'messages overtake on a connection that keeps order',
    by: 'calls',
    file: 'src/core/fabric/routing.ts',
    from: 'Math.max(journey.arriveAt, state.lastArrival.get(connection) ?? journey.arriveAt)',
    to: 'journey.arriveAt',
  },
  {
    name: 'a copy has an id of its own',
    by: 'calls',
    file: 'src/core/fabric/routing.ts',
    from: 'message: { ...message, arriveAt }',
    to: "message: { ...message, id: message.id + '/2', arriveAt }",
  },
  {
    name: 'whoever stands still loses what comes',
    by: 'calls',
    file: 'src/core/fabric/routing.ts',
    from: 'known.held.push(item)',
    to: 'void 0',
  },
  {
    name: 'whoever goes on has forgotten its timers',
    by: 'calls',
    file: 'src/core/fabric/instance-runner.ts',
    from: 'overdue.forEach((timer, rank) => this.timers.push({ ...timer, t: this.t + rank }));',
    to: ';',
  },
  {
    name: 'an outage refuses nobody',
    by: 'calls',
    file: 'src/core/fabric/routing.ts',
    from: "faultOn(state, node, 'outage') === undefined",
    to: 'true',
  },
  {
    name: 'a moved instance keeps its address',
    by: 'calls',
    file: 'src/core/fabric/inputs.ts',
    from: 'state.addresses.move(instance);',
    to: '',
  },
  {
    name: 'a drain drops what is in flight',
    by: 'calls',
    file: `${KINDS}/service/drain.ts`,
    from: '&& this.pending() === 0',
    to: '',
  },
  {
    name: 'a drained instance does not deregister',
    by: 'calls',
    file: `${KINDS}/service/memberships.ts`,
    from: "this.tell(peer, 'deregister', { kind: 'registry.deregister', service: this.port.init.record.name });",
    to: '',
  },
  {
    name: 'one more may wait in line',
    by: 'calls',
    file: `${KINDS}/service/places.ts`,
    from: 'this.line.length < maxQueued',
    to: 'this.line.length <= maxQueued',
  },
  {
    name: 'who leaves calls nobody in from the line',
    by: 'calls',
    file: `${KINDS}/service/doorway.ts`,
    from: 'for (const work of next) this.handle(work);',
    to: '',
  },
  {
    name: 'a readiness probe restarts',
    by: 'calls',
    file: `${KINDS}/service/health.ts`,
    from: "after.verdict === false && kind !== 'readiness'",
    to: 'after.verdict === false',
  },
];

/** Where the mutant is found first, or null. */
async function survives(mutant, index, last) {
  const file = resolve(mutant.file);
  let found = 0;
  const name = `mutant-${index}`;
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    plugins: [
      {
        name: 'mutant',
        enforce: 'pre',
        load(id) {
          if (id.split('?')[0] !== file) return null;
          const source = readFileSync(file, 'utf8');
          found = source.split(mutant.from).length - 1;
          return source.replace(mutant.from, mutant.to);
        },
      },
    ],
    build: {
      ssr: 'tests/proof/hunt.entry.mjs',
      outDir: OUT,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { format: 'es', entryFileNames: `${name}.mjs`, codeSplitting: false } },
    },
  });
  if (found !== 1)
    throw new Error(`Failed to make the mutant "${mutant.name}": its text stands ${found} times in ${mutant.file}`);
  const { hunt, huntCalls } = await import(pathToFileURL(resolve(OUT, `${name}.mjs`)).href);
  return mutant.by === 'calls' ? huntCalls(last) : hunt(last);
}

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
mkdirSync(OUT, { recursive: true });
const last = Number(process.env.MUTANT_SEEDS ?? 2000);
/** Part of the name (or `calls`) of those to try; all without it. */
const only = process.env.MUTANT ?? '';
let isOk = true;
for (const [index, mutant] of MUTANTS.entries()) {
  if (!`${mutant.name} ${mutant.by ?? ''}`.includes(only)) continue;
  const caught = await survives(mutant, index, last);
  if (caught === null) isOk = false;
  console.log(
    caught === null
      ? `SURVIVED    ${mutant.name} (${last} seeds)`
      : `found       ${mutant.name}, by ${caught.at}: ${caught.problem.slice(0, 90)}`,
  );
}
process.exit(isOk ? 0 : 1);
