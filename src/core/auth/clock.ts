import { wallUs } from '../fabric/faults.ts';
import type { ActorPort } from '../fabric/protocol.ts';

/** Seconds from 1970 to the start of every run's clock, 2026-01-01 (`isoTime(0)`). */
const EPOCH_SECONDS = 1_767_225_600;

/** What this instance takes for the time, a clock-skew fault included, in whole seconds since 1970 (NumericDate of RFC 7519). */
export const clockSeconds = (port: Pick<ActorPort, 'now' | 'init'>): number =>
  EPOCH_SECONDS + Math.floor(wallUs(port) / 1_000_000);
