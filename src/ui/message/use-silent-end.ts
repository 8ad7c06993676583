import type { PacketView } from '../../core/telemetry/view.ts';
import { useRun } from '../run/use-run.ts';
import { silentEnd, type SilentEnd } from './outcome.ts';

const same = (a: SilentEnd | null, b: SilentEnd | null): boolean =>
  a === b || (a !== null && b !== null && a.t === b.t && a.code === b.code && a.message === b.message);

/** How the wait of a message ended without a reply, at the shown time; null while it goes on, or when a reply came. */
export const useSilentEnd = (packet: PacketView): SilentEnd | null =>
  useRun(({ view }) => silentEnd(packet, view), same);
