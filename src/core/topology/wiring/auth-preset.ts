import type { Json } from '../../base/json.ts';
import type { ConfigOf, Endpoint, NodeOf, Step, Table } from '../schema/types.ts';

/** Step of the ready-made Auth service that finds who asks; a database replaces the configured clients by a table. */
const KNOWN = 'known';
const TOKEN_ENDPOINT = 'token';
const USERS = 'users';

/** The whole answer of `POST /token`: who asks is looked up, gets the scopes that were asked for and may be had, or 401 (RFC 6749 4.3, 4.4, 5.1, 5.2; JSON bodies). */
const tokenSteps: Step[] = [
  { id: 'asked', do: 'set', value: '${ type(request.body) == "map" ? request.body : {} }', as: 'asked' },
  {
    id: 'name',
    do: 'set',
    value: '${ has(asked.client_id) ? asked.client_id : has(asked.username) ? asked.username : "" }',
    as: 'name',
  },
  {
    id: 'secret',
    do: 'set',
    value: '${ has(asked.client_secret) ? asked.client_secret : has(asked.password) ? asked.password : "" }',
    as: 'secret',
  },
  {
    id: KNOWN,
    do: 'set',
    value: '${ config.clients.filter(c, c.name == name && c.secret == secret) }',
    as: KNOWN,
  },
  {
    id: 'decide',
    do: 'choose',
    when: [
      {
        if: 'size(known) == 0',
        steps: [
          {
            id: 'refuse',
            do: 'respond',
            status: 401,
            headers: { 'cache-control': 'no-store', 'www-authenticate': 'Basic realm="token"' },
            body: { error: 'invalid_client' },
          },
        ],
      },
    ],
    else: [
      {
        id: 'issue',
        do: 'token',
        subject: '${ name }',
        audience: '${ config.audience }',
        scopes: 'has(asked.scope) ? known[0].scopes.filter(s, s in asked.scope.split(" ")) : known[0].scopes',
        as: 'token',
      },
      { id: 'answer', do: 'respond', status: 200, headers: { 'cache-control': 'no-store' }, body: '${ token }' },
    ],
  },
];

const SCOPES = ['orders:read', 'orders:write'];

/** `POST /token` and the public keys at the well-known path, beside what the service has. */
const authEndpoints: Endpoint[] = [
  { id: TOKEN_ENDPOINT, method: 'POST', path: '/token', steps: tokenSteps },
  {
    id: 'jwks',
    method: 'GET',
    path: '/.well-known/jwks.json',
    steps: [
      { id: 'keys', do: 'jwks', as: 'keys' },
      { id: 'answer', do: 'respond', status: 200, headers: { 'cache-control': 'max-age=300' }, body: '${ keys }' },
    ],
  },
];

/** The ready-made Auth service: issues tokens to its configured clients as soon as it stands; its name is its issuer. */
export function authService(base: ConfigOf<'service'>, name: string): ConfigOf<'service'> {
  return {
    ...base,
    values: {
      audience: 'api',
      clients: [
        { name: 'web', secret: 'web-secret', scopes: SCOPES },
        { name: 'guest', secret: 'guest-secret', scopes: ['orders:read'] },
      ],
    },
    tokens: { issuer: `http://${name}`, algorithm: 'EdDSA', ttlSeconds: 300 },
    endpoints: [...base.endpoints, ...authEndpoints],
  };
}

/** Users of the ready-made Auth service, once it has a database. */
export const usersTable: { table: Table; rows: Record<string, Json>[] } = {
  table: {
    name: USERS,
    columns: [
      { name: 'id', type: 'string', nullable: false },
      { name: 'name', type: 'string', nullable: false },
      { name: 'secret', type: 'string', nullable: false },
      { name: 'scopes', type: 'json', nullable: false },
    ],
    primaryKey: 'id',
    unique: [['name']],
  },
  rows: [
    { id: '1', name: 'ada', secret: 'ada-secret', scopes: SCOPES },
    { id: '2', name: 'grace', secret: 'grace-secret', scopes: ['orders:read'] },
  ],
};

/** True when a table has every column of the users, of the same type: then two services may share it. */
const holdsUsers = (table: Table): boolean =>
  usersTable.table.columns.every(({ name, type }) =>
    table.columns.some((column) => column.name === name && column.type === type),
  );

/** The table for users in a database: `users` when it is free or holds what is asked, else one with the name of its owner in front (`auth_users`). */
function usersAmong(tables: readonly Table[], owner: string): { table: Table; isNew: boolean } {
  const word = owner.replaceAll('-', '_').slice(0, 30);
  // Names of tables begin with a letter, network names may begin with a digit.
  const own = /^[a-z]/.test(word) ? `${word}_${USERS}` : `${USERS}_${word}`;
  for (let number = 0; ; number += 1) {
    const name = number === 0 ? USERS : number === 1 ? own : `${own}_${number}`;
    const table = tables.find((known) => known.name === name);
    if (table === undefined) return { table: { ...usersTable.table, name }, isNew: true };
    if (holdsUsers(table)) return { table, isNew: false };
  }
}

/**
 * The Auth service that looks its users up in a table instead of its configuration, and the database with that table;
 * `table` is the name of a new one, null when one that was there is shared. Null when the lookup is no longer the ready-made one.
 */
export function askingUsers(
  service: NodeOf<'service'>,
  database: NodeOf<'database'>,
): { service: NodeOf<'service'>; database: NodeOf<'database'>; step: string; table: string | null } | null {
  const { endpoints } = service.config;
  const token = endpoints.find((endpoint) => endpoint.id === TOKEN_ENDPOINT);
  if (!token?.steps.some((step) => step.id === KNOWN && step.do === 'set')) return null;
  const { table, isNew } = usersAmong(database.config.tables, service.name);
  const lookup: Step = {
    id: KNOWN,
    do: 'find',
    table: table.name,
    where: { name: '${ name }', secret: '${ secret }' },
    limit: 1,
    as: KNOWN,
  };
  const steps = token.steps.map((step) => (step.id === KNOWN ? lookup : step));
  const changed = endpoints.map((endpoint) => (endpoint === token ? { ...token, steps } : endpoint));
  const { tables, rows } = database.config;
  const filled = { tables: [...tables, table], rows: { ...rows, [table.name]: usersTable.rows } };
  return {
    service: { ...service, config: { ...service.config, endpoints: changed } },
    database: isNew ? { ...database, config: { ...database.config, ...filled } } : database,
    step: KNOWN,
    table: isNew ? table.name : null,
  };
}

/** The ready-made Auth service that asks its configured clients again where the lookup in its table is lost; itself when nothing was, or there are none. */
export function askingClients(config: ConfigOf<'service'>, isLost: (step: Step) => boolean): ConfigOf<'service'> {
  const lookup = tokenSteps.find(({ id }) => id === KNOWN);
  const isMine = (step: Step): boolean => step.id === KNOWN && step.do === 'find' && step.as === KNOWN && isLost(step);
  const token = config.endpoints.find(({ id, steps }) => id === TOKEN_ENDPOINT && steps.some(isMine));
  if (config.preset !== 'auth' || !lookup || !token || !Array.isArray(config.values['clients'])) return config;
  const steps = token.steps.map((step) => (isMine(step) ? lookup : step));
  return { ...config, endpoints: config.endpoints.map((one) => (one === token ? { ...token, steps } : one)) };
}
