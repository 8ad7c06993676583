import { describe, expect, test } from 'vitest';
import { guardedShop } from '../../hosts/contract/guarded-shop.ts';
import type { Document } from '../topology/schema/types.ts';
import { RUNTIME_ENTRY, type ContainerSpec } from './container-spec.ts';
import { exportCompose } from './export-compose.ts';

function exported(document: Document): Map<string, string> {
  const result = exportCompose(document, {
    form: 'zip',
    runtime: { files: { [RUNTIME_ENTRY]: '// runtime\n' } },
    verify: null,
    secrets: { password: (name) => `pw-${name}` },
  });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.files;
}
const specOf = (files: Map<string, string>, name: string): ContainerSpec =>
  JSON.parse(files.get(`services/${name}.json`) ?? 'null') as ContainerSpec;

describe('signing secrets of an export', () => {
  test('EdDSA: 64 hex digits of its own in .env, for the issuer alone; the gateway fetches public keys', () => {
    const files = exported(guardedShop('EdDSA'));
    expect(files.get('.env')).toMatch(/^TOKEN_KEY_AUTH=[0-9a-f]{64}$/m);
    expect(specOf(files, 'auth').tokenKeys).toEqual({ auth: '/run/secrets/auth-token-key' });
    expect(specOf(files, 'api-gateway').tokenKeys).toBeUndefined();
    const secret = /TOKEN_KEY_AUTH=(\w+)/.exec(files.get('.env') ?? '')?.[1] ?? 'none';
    const holders = [...files].filter(([, text]) => text.includes(secret)).map(([path]) => path);
    expect(holders).toEqual(['.env']);
  });

  test('HS256: the gateway gets the same secret', () => {
    const files = exported(guardedShop('HS256'));
    for (const name of ['auth', 'api-gateway'])
      expect(specOf(files, name).tokenKeys).toEqual({ auth: '/run/secrets/auth-token-key' });
    expect(specOf(files, 'order').tokenKeys).toBeUndefined();
  });

  test('API keys stay with the gateway that knows them', () => {
    const document = guardedShop('EdDSA');
    const { gateway } = document.nodes;
    if (gateway?.kind !== 'gateway') throw new Error('no gateway');
    gateway.config.auth = { kind: 'api-key', header: 'x-api-key', keys: [{ key: 'k-17', consumer: 'partner' }] };
    for (const route of gateway.config.routes) delete route.auth;
    const files = exported(document);
    const holders = [...files].filter(([path, text]) => path.startsWith('services/') && text.includes('k-17'));
    expect(holders.map(([path]) => path)).toEqual(['services/api-gateway.json']);
  });
});
