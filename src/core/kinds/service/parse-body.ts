import type { Json } from '../../base/json.ts';

/** JSON when it is JSON, else the text itself; null stays null. */
export function parseBody(body: string | null): Json {
  if (body === null || body === '') return null;
  try {
    return JSON.parse(body) as Json;
  } catch {
    return body;
  }
}
