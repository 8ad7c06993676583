export const run = {
  'run.play': 'Запустити',
  'run.pause': 'Призупинити',
};
