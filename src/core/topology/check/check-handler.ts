import type { Json } from '../../base/json.ts';
import { asTemplate } from '../../expression/template.ts';
import type { Check } from './check.ts';
import type { NodeOf, Step } from '../schema/types.ts';

/** What a handler's steps are checked against. */
export interface Handler {
  check: Check;
  /** Node id of the service. */
  service: string;
  /** Database nodes that the service owns. */
  stores: readonly string[];
  /** Names that expressions may read; grows as steps bind more. */
  names: Set<string>;
  ids: Set<string>;
}
/** The transaction around a step; steps inside use its store unless they name another. */
type Transaction = { store: string | undefined } | null;
/** The same inside a transaction, or outside (null). */
export type Scoped = Handler & { transaction: Transaction };
/** A step by what it does. */
export type StepOf<D extends Step['do']> = Extract<Step, { do: D }>;

/** Reports an expression that cannot be read, and warns of names that no step binds. */
export function expressions(handler: Handler, value: Json | undefined, at: string): void {
  if (value === undefined) return;
  for (const name of handler.check.expressions(value, at)) {
    if (!handler.names.has(name)) {
      handler.check.warn('EXPRESSION_NAME_UNKNOWN', at, { name, known: [...handler.names].sort().join(', ') });
    }
  }
}
/** `expressions` for a field that may be written without `${ }`. */
export const condition = (handler: Handler, text: string, at: string): void =>
  expressions(handler, asTemplate(text), at);

/** The database that a step means, or undefined after reporting why there is none. */
export function storeOf(handler: Handler, named: string | undefined, at: string): NodeOf<'database'> | undefined {
  const { check, service, stores } = handler;
  if (named !== undefined) {
    const store = check.nodeOf(named, 'database');
    if (store === undefined) check.error('STORE_UNKNOWN', `${at}/store`, { node: named });
    else if (!stores.includes(named)) check.error('STORE_NOT_OWNED', `${at}/store`, { from: service, to: named });
    else return store;
    return undefined;
  }
  const [only, ...more] = stores;
  if (only === undefined) check.error('STORE_MISSING', at, { service });
  else if (more.length > 0)
    check.error('STORE_AMBIGUOUS', at, { service, count: stores.length, nodes: stores.join(', ') });
  else return check.nodeOf(only, 'database');
  return undefined;
}
