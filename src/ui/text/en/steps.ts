export const steps = {
  'steps.title': 'Steps',
};
