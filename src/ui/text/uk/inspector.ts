export const inspector = {
  'inspector.title': 'Інспектор',
};
