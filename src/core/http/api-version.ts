/** A first segment of a path that looks like a version, declared or not. */
export const LIKE_A_VERSION = /^v\d+(\.\d+)*$/i;
