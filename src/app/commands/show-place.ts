import type { Services } from '../services.ts';

/** Selects the record that the place of a problem (`nodes/<id>/config/...`) lies in, and brings a node into view; false when the place lies in none. */
export function showPlace({ view }: Pick<Services, 'view'>, at: string): boolean {
  const [records, id = ''] = at.split('/');
  if (id === '' || (records !== 'nodes' && records !== 'links' && records !== 'groups')) return false;
  view.select({ [records]: [id] });
  if (records === 'nodes') {
    view.canvas?.fitNodes([id]);
    view.canvas?.focusNode(id);
  }
  return true;
}
