import { canonicalize, sortedKeys } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import type { Failure } from '../../behaviour/effect.ts';
import type { HttpReply, HttpRequest } from '../../fabric/message.ts';
import { headerOf } from '../../http/headers.ts';
import type { Transform } from '../../topology/schema/types.ts';
import { parseJson, type Evaluate } from './aggregate.ts';

type HeaderChanges = NonNullable<NonNullable<Transform['request']>['headers']>;
export type Transformed<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** A transformation that cannot be done; only inside this file. */
class Impossible extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}
const impossible = (message: string): never => {
  throw new Impossible({ code: 'transform_failed', message });
};

/** Values of templates, over one scope. */
interface Filler {
  readonly value: (source: Json) => Json;
  readonly text: (source: string) => string;
}
function fillerOf(evaluate: Evaluate, scope: Record<string, Json>): Filler {
  const value = (source: Json): Json => {
    const result = evaluate(source, scope);
    if (!result.ok) throw new Impossible(result.failure);
    return result.value;
  };
  const text = (source: string): string => {
    const given = value(source);
    return typeof given === 'string' ? given : canonicalize(given);
  };
  return { value, text };
}
function attempt<T>(work: () => T): Transformed<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (error instanceof Impossible) return { ok: false, failure: error.failure };
    throw error;
  }
}

/** Remove, rename, replace (what is there), add (what is not), append (behind what is there), in this order, as Kong does (GW14). */
function changeHeaders(
  headers: Record<string, string>,
  changes: HeaderChanges | undefined,
  { text }: Filler,
): Record<string, string> {
  if (changes === undefined) return headers;
  const now = new Map(Object.entries(headers));
  const put = (name: string, source: string): void => {
    const value = text(source);
    // oxlint-disable-next-line no-control-regex -- these are the characters that no header can carry
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))
      impossible(`the header ${name} would hold a control character`);
    now.set(name, value);
  };
  for (const name of changes.remove ?? []) now.delete(name);
  for (const name of sortedKeys(changes.rename ?? {})) {
    const value = now.get(name);
    const next = changes.rename?.[name];
    if (value === undefined || next === undefined) continue;
    now.delete(name);
    now.set(next, value);
  }
  for (const name of sortedKeys(changes.replace ?? {})) if (now.has(name)) put(name, changes.replace?.[name] ?? '');
  for (const name of sortedKeys(changes.add ?? {})) if (!now.has(name)) put(name, changes.add?.[name] ?? '');
  for (const name of sortedKeys(changes.append ?? {})) {
    const before = now.get(name);
    put(name, changes.append?.[name] ?? '');
    if (before !== undefined) now.set(name, `${before}, ${now.get(name) ?? ''}`);
  }
  return Object.fromEntries(now);
}

/** Text and headers of a new body: JSON unless the content type says otherwise; none takes its content type with it. */
function bodyOf(
  value: Json,
  headers: Record<string, string>,
): { body: string | null; headers: Record<string, string> } {
  if (value === null)
    return {
      body: null,
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'content-type')),
    };
  const type = headerOf(headers, 'content-type');
  if (typeof value === 'string' && type !== null && !type.includes('json')) return { body: value, headers };
  const isJson = type?.includes('json') === true;
  return {
    body: canonicalize(value),
    headers: { ...headers, ...(isJson ? {} : { 'content-type': 'application/json' }) },
  };
}

/** A new target; without a query of its own it keeps that of the old one. */
function targetOf(path: string, old: string): string {
  if (!path.startsWith('/') || /[\s#]/.test(path)) impossible(`the path would be "${path}"`);
  const at = old.search(/[?#]/);
  return path.includes('?') || at < 0 ? path : path + old.slice(at).replace(/#.*$/, '');
}

/** The request as the upstream gets it: each stage changes what the one before left; expressions see the request as it came. */
export function transformRequest(
  stages: readonly (Transform | undefined)[],
  request: HttpRequest,
  evaluate: Evaluate,
  scope: Record<string, Json>,
): Transformed<HttpRequest> {
  return attempt(() => {
    const filler = fillerOf(evaluate, scope);
    let now = request;
    for (const stage of stages) {
      const changes = stage?.request;
      if (changes === undefined) continue;
      now = { ...now, headers: changeHeaders(now.headers, changes.headers, filler) };
      if (changes.path !== undefined) now = { ...now, path: targetOf(filler.text(changes.path), now.path) };
      if (changes.body !== undefined) now = { ...now, ...bodyOf(filler.value(changes.body), now.headers) };
    }
    return now;
  });
}

/** Only the header changes of a request: for parts of an aggregate, which have paths and bodies of their own. */
export const transformHeaders = (
  stages: readonly (Transform | undefined)[],
  headers: Record<string, string>,
  evaluate: Evaluate,
  scope: Record<string, Json>,
): Transformed<Record<string, string>> =>
  attempt(() => {
    const filler = fillerOf(evaluate, scope);
    return stages.reduce((now, stage) => changeHeaders(now, stage?.request?.headers, filler), headers);
  });

function statusFrom(status: number | string, filler: Filler): number {
  const given = typeof status === 'number' ? status : filler.value(status);
  const number = typeof given === 'string' && /^\d{3}$/.test(given) ? Number(given) : given;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 200 && number <= 599) return number;
  return impossible(`the status would be ${JSON.stringify(given)}`);
}

/** The reply as the caller gets it; expressions also see `reply`, as it came. */
export function transformReply(
  stages: readonly (Transform | undefined)[],
  reply: HttpReply,
  evaluate: Evaluate,
  scope: Record<string, Json>,
): Transformed<HttpReply> {
  if (stages.every((stage) => stage?.response === undefined)) return { ok: true, value: reply };
  return attempt(() => {
    const came = { status: reply.status, headers: reply.headers, body: parseJson(reply.body) };
    const filler = fillerOf(evaluate, { ...scope, reply: came });
    let now = reply;
    for (const stage of stages) {
      const changes = stage?.response;
      if (changes === undefined) continue;
      now = { ...now, headers: changeHeaders(now.headers, changes.headers, filler) };
      if (changes.status !== undefined) now = { ...now, status: statusFrom(changes.status, filler) };
      if (changes.body !== undefined) now = { ...now, ...bodyOf(filler.value(changes.body), now.headers) };
    }
    return now;
  });
}
