/** Run bar, timeline, packets, message panel, drawer. */
export const run = {
  'run.play': 'Play',
  'run.pause': 'Pause',
};
