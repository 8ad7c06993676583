/**
 * Stands in for the package `d3-color` in the page's bundle: the canvas asks d3 for pan and zoom alone, whose transitions
 * interpolate numbers, and a table of colour names and five colour spaces would weigh 3 kB in the first load.
 * `color` knows no colour, so a text is interpolated as a text; the makers of colours are never reached.
 */
export const color = (): null => null;

function unreachable(): never {
  throw new Error('Assertion failed: the canvas interpolates no colours');
}
export const rgb = unreachable;
export const hsl = unreachable;
export const lab = unreachable;
export const hcl = unreachable;
export const cubehelix = unreachable;
