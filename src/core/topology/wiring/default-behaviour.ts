import type { Json } from '../../base/json.ts';
import { flattenSteps } from '../steps.ts';
import type { Endpoint, Step, Table } from '../schema/types.ts';

/** Id of the endpoint that a freshly placed service has. */
export const ABOUT = 'about';

/** `GET /api/<name>` that says who answered: a fresh service works at once. */
export const aboutEndpoint = (name: string): Endpoint => ({
  id: ABOUT,
  method: 'GET',
  path: `/api/${name}`,
  steps: [{ id: 'answer', do: 'respond', status: 200, body: { service: name, text: `Hello from ${name}` } }],
});

/** Words of a network name joined in camel case: a name that expressions can read. */
export function variableName(name: string): string {
  const joined = name.replace(/[-_]+(.)?/g, (_, letter: string | undefined) => (letter ?? '').toUpperCase());
  return /^[a-zA-Z_]/.test(joined) ? joined : `_${joined}`;
}

/** An id that none of `taken` is: `base`, `base-2`, `base-3`, ... (at most 40 characters). */
export function freeId(base: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : `-${number}`;
    const id = base.slice(0, 40 - suffix.length) + suffix;
    if (!taken.has(id)) return id;
  }
}

/** Value that a new row gets for a column: the request's, or one that fits the type. */
function columnValue(table: Table, name: string): Json {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (name === table.primaryKey) return '${ uuid() }';
  const given = `type(request.body) == "map" && has(request.body.${name}) ? request.body.${name} : `;
  if (column?.nullable === true) return `\${ ${given}null }`;
  const fallback = { string: '"new"', int: '0', number: '0', bool: 'false', time: 'now()', json: '[]' } as const;
  return `\${ ${given}${fallback[column?.type ?? 'string']} }`;
}

/** Create and read-one endpoints of a table below `path`, beside what the service has; ids and paths that are taken are left out. */
export function tableEndpoints(path: string, table: Table, existing: readonly Endpoint[]): Endpoint[] {
  const create: Endpoint = {
    id: 'create',
    method: 'POST',
    path,
    steps: [
      {
        id: 'insert-row',
        do: 'insert',
        table: table.name,
        value: Object.fromEntries(
          table.columns.map((column): [string, Json] => [column.name, columnValue(table, column.name)]),
        ),
        as: 'row',
      },
      { id: 'answer', do: 'respond', status: 201, body: '${ row }' },
    ],
  };
  const read: Endpoint = {
    id: 'get-one',
    method: 'GET',
    path: `${path}/{id}`,
    steps: [
      { id: 'get-row', do: 'get', table: table.name, key: '${ request.params.id }', orFail: 'not_found', as: 'row' },
      { id: 'answer', do: 'respond', status: 200, body: '${ row }' },
    ],
  };
  const shape = (endpoint: Endpoint): string => `${endpoint.method} ${endpoint.path.replace(/\{[^}]*\}/g, '{}')}`;
  const taken = new Set(existing.flatMap((endpoint) => [endpoint.id, shape(endpoint)]));
  return [create, read].filter((endpoint) => !taken.has(endpoint.id) && !taken.has(shape(endpoint)));
}

const responds = (step: Step): boolean => flattenSteps([step]).some((inner) => inner.do === 'respond');

/** The steps with one more before the first that always answers (a `respond` of the handler itself), else before the first that may, else at the end. */
export function beforeRespond(steps: readonly Step[], step: Step): Step[] {
  const own = steps.findIndex((candidate) => candidate.do === 'respond');
  const index = own >= 0 ? own : steps.findIndex(responds);
  return index < 0 ? [...steps, step] : [...steps.slice(0, index), step, ...steps.slice(index)];
}
