/**
 * Ways out of a worker that no instance needs. Behaviour is data and could not call them anyway; this is the second
 * wall (decision 26). A fetch from a worker would even be answered in another tab.
 */
export const SEALED_AT_BOOT = [
  'fetch',
  'XMLHttpRequest',
  'WebSocket',
  'WebSocketStream',
  'WebTransport',
  'EventSource',
  'importScripts',
  'Worker',
  'BroadcastChannel',
  'caches',
  'RTCPeerConnection',
] as const;
/** The fabric makes workers and writes the log; it needs no network either. */
export const SEALED_IN_FABRIC = SEALED_AT_BOOT.filter((name) => name !== 'Worker');
/** Once the own store is open, no other can be. */
export const SEALED_AT_START = ['indexedDB'] as const;

/** Makes globals unreachable: own properties and those of the prototypes, for good. */
export function seal(scope: object, names: readonly string[]): void {
  for (const name of names) {
    for (let at: object | null = scope; at !== null; at = Object.getPrototypeOf(at) as object | null) {
      if (Object.hasOwn(at, name)) Reflect.deleteProperty(at, name);
    }
    Object.defineProperty(scope, name, { value: undefined, configurable: false, writable: false });
  }
}
