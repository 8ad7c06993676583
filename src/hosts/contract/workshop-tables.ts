import type { Table } from '../../core/topology/schema/types.ts';

type Column = Table['columns'][number];
const column = (name: string, type: Column['type'] = 'string', nullable = false): Column => ({ name, type, nullable });

/** What the maker keeps: one column of each type. */
export const ITEMS: Table = {
  name: 'items',
  primaryKey: 'id',
  columns: [
    column('id'),
    column('name'),
    column('stars', 'int'),
    column('price', 'number', true),
    column('sold', 'bool', true),
    column('tags', 'json', true),
    column('madeAt', 'time', true),
  ],
  unique: [['name']],
};

/** What the depot keeps. */
export const SHELVES: Table = {
  name: 'shelves',
  primaryKey: 'id',
  columns: [column('id'), column('key')],
};

/** How the depot is. */
export const MOODS: Table = {
  name: 'moods',
  primaryKey: 'id',
  columns: [column('id'), column('mood')],
};
