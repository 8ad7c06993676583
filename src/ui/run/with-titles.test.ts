import { expect, test } from 'vitest';
import { emptyDocument } from '../../core/topology/edit/edit.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { withTitles } from './use-document-facts.ts';

const named = (name: string, title?: string) => ({ name, ...(title === undefined ? {} : { title }) });
const nodes = {
  ...emptyDocument('d', 'D').nodes,
  g0ijksi4fg: named('user', 'User'),
  order: named('order', 'Order'),
} as unknown as Document['nodes'];

test.each([
  ['connection to g0ijksi4fg#0 refused', 'connection to User#0 refused'],
  ['no instances found for g0ijksi4fg', 'no instances found for User'],
  ['order#1 has no order of that id', 'Order#1 has no order of that id'],
  ['nobody#0 and constructor#1 are none of ours', 'nobody#0 and constructor#1 are none of ours'],
])('%s', (said, shown) => expect(withTitles(said, nodes)).toBe(shown));
