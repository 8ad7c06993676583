/** Class names that are wanted, joined. */
export const classes = (...names: (string | false | null | undefined)[]): string => names.filter(Boolean).join(' ');
