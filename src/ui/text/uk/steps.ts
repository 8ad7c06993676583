export const steps = {
  'steps.title': 'Кроки',
};
