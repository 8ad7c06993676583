import { useSyncExternalStore } from 'react';

/** What the packet layer shows; kept for the visit. */
export interface PacketOptions {
  /** Registrations, heartbeats, discovery and their replies. */
  showRegistration: boolean;
}
let options: PacketOptions = { showRegistration: true };
const listeners = new Set<() => void>();

export const packetOptions = (): PacketOptions => options;
export function setPacketOptions(change: Partial<PacketOptions>): void {
  options = { ...options, ...change };
  for (const listener of listeners) listener();
}
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
/** The options; renders again when they change. */
export const usePacketOptions = (): PacketOptions => useSyncExternalStore(subscribe, packetOptions);
