export const inspector = {
  'inspector.title': 'Inspector',
};
