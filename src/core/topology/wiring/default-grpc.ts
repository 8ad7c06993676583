import type { Json } from '../../base/json.ts';
import { freeId } from './default-behaviour.ts';
import { sortedEntries } from '../sorted.ts';
import type { Document, GrpcService, NodeOf, Step, Table } from '../schema/types.ts';

/** The port of every gRPC example. */
export const GRPC_PORT = 50_051;

/** `user-profile` -> `UserProfile`. */
const pascal = (name: string): string =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
/** A name that proto reads: no dashes, no digit in front. */
const packageOf = (name: string): string => name.replaceAll('-', '_').replace(/^(?=\d)/, '_');

interface Described {
  proto: string;
  rpc: string;
  /** Field of the request that names the row. */
  key: string;
  /** Fields of the answer and what stands in them without a table. */
  fields: Readonly<Record<string, string>>;
}

/** The user service of the chapter. */
const USER: Described = {
  proto: `syntax = "proto3";

package user;

service UserService {
  rpc GetUser(UserRequest) returns (UserResponse);
}

message UserRequest {
  string user_id = 1;
}

message UserResponse {
  string id = 1;
  string name = 2;
  string email = 3;
}
`,
  rpc: 'user.UserService/GetUser',
  key: 'user_id',
  fields: { id: '${ request.body.user_id }', name: 'Ada Lovelace', email: 'ada@example.com' },
};

function describe(service: NodeOf<'service'>): Described {
  if (service.config.preset === 'user') return USER;
  const name = pascal(packageOf(service.name).replaceAll('_', '-'));
  const proto = `syntax = "proto3";

package ${packageOf(service.name)};

service ${name}Service {
  rpc Get${name}(${name}Request) returns (${name}Response);
}

message ${name}Request {
  string id = 1;
}

message ${name}Response {
  string id = 1;
  string name = 2;
}
`;
  return {
    proto,
    rpc: `${packageOf(service.name)}.${name}Service/Get${name}`,
    key: 'id',
    fields: { id: '${ request.body.id }', name: service.name },
  };
}

/** A table of the service's own database that has every field of the answer as text, looked up by its key. */
function tableFor(document: Document, service: string, fields: readonly string[]): Table | undefined {
  const owned = sortedEntries(document.links).filter(([, link]) => link.kind === 'owns' && link.from.node === service);
  const database = owned.length === 1 ? document.nodes[owned[0]?.[1].to.node ?? ''] : undefined;
  if (database?.kind !== 'database') return undefined;
  return database.config.tables.find(
    (table) =>
      table.primaryKey === 'id' &&
      fields.every((field) => table.columns.some((column) => column.name === field && column.type === 'string')),
  );
}

/** What a service answers over gRPC when it is first asked to: one unary method that reads its own table where that fits, else says who it is. */
export function defaultGrpc(document: Document, id: string, service: NodeOf<'service'>): GrpcService {
  const { proto, rpc, key, fields } = describe(service);
  const { port, endpoints, subscriptions } = service.config;
  const names = Object.keys(fields);
  const table = tableFor(document, id, names);
  const row: [string, Json][] = names.map((name) => [name, `\${ row.${name} }`]);
  const steps: Step[] =
    table === undefined
      ? [{ id: 'answer', do: 'respond', status: 200, body: fields }]
      : [
          {
            id: 'get-row',
            do: 'get',
            table: table.name,
            key: `\${ request.body.${key} }`,
            orFail: 'not_found',
            as: 'row',
          },
          { id: 'answer', do: 'respond', status: 200, body: Object.fromEntries(row) },
        ];
  const method = (rpc.split('/')[1] ?? '').replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();
  const taken = new Set([...endpoints, ...subscriptions].map((handler) => handler.id));
  return {
    port: port === GRPC_PORT ? GRPC_PORT + 1 : GRPC_PORT,
    proto,
    methods: [{ id: freeId(method, taken), rpc, steps }],
  };
}
