import type { Document, Link, TopologyNode } from '../../topology/schema/types.ts';

const position = { x: 0, y: 0 };
const latency: Link['config']['latency'] = { distribution: { kind: 'constant', ms: 1 }, minUs: 300 };
const link = (kind: Link['kind'], from: string, to: string): Link => ({
  kind,
  from: { node: from },
  to: { node: to },
  config: { latency },
});

/** Service of the small document: stores a note, tells the broker, answers. */
export function noteService(): Extract<TopologyNode, { kind: 'service' }> {
  return {
    kind: 'service',
    name: 'notes',
    position,
    config: {
      version: '1.0.0',
      port: 8001,
      replicas: 2,
      serviceTime: { kind: 'constant', ms: 1 },
      startupMs: 10,
      restartDelayMs: 100,
      prefetch: 10,
      values: { price: '$5 ${config}' },
      endpoints: [
        {
          id: 'create',
          method: 'POST',
          path: '/api/notes',
          steps: [
            {
              id: 'save',
              do: 'insert',
              table: 'notes',
              value: { id: '${uuid()}', text: '${request.body.text}', stars: 1 },
              as: 'note',
            },
            {
              id: 'tell',
              do: 'publish',
              to: 'bus',
              key: 'note.created',
              type: 'NoteCreated',
              body: { id: '${note.id}' },
              via: 'direct',
            },
            { id: 'reply', do: 'respond', status: 201, body: '${note}' },
          ],
        },
        {
          id: 'read',
          method: 'GET',
          path: '/api/notes/{id}',
          steps: [
            { id: 'load', do: 'get', table: 'notes', key: '${request.params.id}', as: 'note', orFail: 'not_found' },
            { id: 'reply', do: 'respond', status: 200, body: '${note}' },
          ],
        },
      ],
      subscriptions: [
        {
          id: 'starred',
          broker: 'bus',
          key: 'note.created',
          steps: [
            { id: 'star', do: 'update', table: 'notes', where: { id: '${message.body.id}' }, increment: { stars: 1 } },
          ],
        },
      ],
    },
  };
}

/** A whole system in few lines: client, gateway, one service with two replicas, PostgreSQL, RabbitMQ, Consul. */
export function smallDocument(): Document {
  return {
    format: 'servarium',
    version: 1,
    id: 'small',
    name: 'Small system',
    seed: 7,
    speed: 1,
    groups: {},
    nodes: {
      web: {
        kind: 'client',
        name: 'web',
        position,
        config: {
          clientKind: 'web',
          load: { model: 'open', ratePerSecond: 0, arrival: 'exponential' },
          timeoutMs: 5000,
          requests: [
            {
              id: 'add',
              name: 'Add a note',
              weight: 1,
              method: 'POST',
              path: '/api/notes',
              body: { text: 'hello' },
              to: 'gateway',
            },
          ],
        },
      },
      gateway: {
        kind: 'gateway',
        name: 'gateway',
        position,
        config: {
          port: 8080,
          timeoutMs: 3000,
          replicas: 1,
          routes: [
            {
              id: 'notes',
              match: 'prefix',
              path: '/api/notes',
              action: { kind: 'forward', to: 'notes', stripPrefix: false },
            },
          ],
        },
      },
      notes: noteService(),
      'notes-db': {
        kind: 'database',
        name: 'notes-db',
        position,
        config: {
          engine: 'postgresql',
          restartDelayMs: null,
          tables: [
            {
              name: 'notes',
              primaryKey: 'id',
              columns: [
                { name: 'id', type: 'string', nullable: false },
                { name: 'text', type: 'string', nullable: true },
                { name: 'stars', type: 'int', nullable: false },
              ],
            },
          ],
          rows: { notes: [{ id: 'first', text: "it's $here\n", stars: 3 }] },
        },
      },
      bus: {
        kind: 'broker',
        name: 'bus',
        position,
        config: { engine: 'rabbitmq', exchange: 'events', deliveryLimit: null, restartDelayMs: null },
      },
      names: {
        kind: 'registry',
        name: 'names',
        position,
        config: { engine: 'consul', heartbeatMs: 1000, ttlMs: 3000, cacheTtlMs: 500, restartDelayMs: null },
      },
    },
    links: {
      a: link('http', 'web', 'gateway'),
      b: link('http', 'gateway', 'notes'),
      c: link('owns', 'notes', 'notes-db'),
      d: link('publish', 'notes', 'bus'),
      e: link('subscribe', 'bus', 'notes'),
      f: link('discovery', 'notes', 'names'),
      g: link('discovery', 'gateway', 'names'),
    },
  };
}
