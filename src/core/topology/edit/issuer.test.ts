import { expect, test } from 'vitest';
import { guardedShop } from '../../../hosts/contract/guarded-shop.ts';
import { applyDiff } from './diff.ts';
import { changeTokens } from './issuer.ts';
import type { Document } from '../schema/types.ts';
import { validateDocument } from '../check/validate.ts';

const authOf = ({ nodes }: Document) => (nodes['gateway']?.kind === 'gateway' ? nodes['gateway'].config.auth : null);
const errors = (document: Document) => validateDocument(document).filter(({ severity }) => severity === 'error');

test('a gateway that verifies with the keys of a service follows its issuer and its only algorithm', () => {
  const tokens = { issuer: 'https://id.example', algorithm: 'HS256', ttlSeconds: 60 } as const;
  const shop = guardedShop('EdDSA');
  const { document, diff } = changeTokens(shop, 'auth', tokens);
  expect(authOf(document)).toMatchObject({ issuer: 'https://id.example', algorithms: ['HS256'] });
  expect(errors(document)).toEqual([]);
  expect(applyDiff(shop, diff)).toEqual(document);
});

test('a gateway that expects another issuer or more algorithms keeps them', () => {
  const shop = guardedShop('EdDSA');
  const auth = authOf(shop);
  if (auth?.kind !== 'jwt') throw new Error('the shop is guarded by tokens');
  Object.assign(auth, { issuer: 'https://other.example', algorithms: ['EdDSA', 'HS256'] });
  const tokens = { issuer: 'https://id.example', algorithm: 'HS256', ttlSeconds: 60 } as const;
  expect(authOf(changeTokens(shop, 'auth', tokens).document)).toEqual(auth);
});

test('a service that issues no tokens any more leaves its gateways as they are', () => {
  const shop = guardedShop('EdDSA');
  const { document } = changeTokens(shop, 'auth', undefined);
  expect(authOf(document)).toEqual(authOf(shop));
  expect(errors(document)).not.toEqual([]);
});
