import { z } from 'zod';
import type { Json } from '../../base/json.ts';

// Zod's compiled fast path probes `new Function`, which the site's CSP blocks and reports; the interpreted path is fast enough for documents.
z.config({ jitless: true });

/** Id of a record. */
export const NodeId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);
/** Network name: unique among nodes, usable as DNS name. */
export const NetworkName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);
/** Any JSON value. */
export const JsonValue: z.ZodType<Json> = z.json() as z.ZodType<Json>;
