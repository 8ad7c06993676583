/** True where people expect Cmd instead of Ctrl. */
export const IS_MAC = /mac|iphone|ipad/i.test(globalThis.navigator?.platform ?? '');
