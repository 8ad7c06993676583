import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { performEffect } from './perform-effect.ts';

let cases = 0;
afterEach(({ task }) => {
  if (task.suite?.name.startsWith('RFC ') === true && task.result?.state !== 'fail') cases += 1;
});
afterAll(() => console.log(`GW4: ${cases} cases of RFC 7515, 7520 and 8037 hold`));

const hexOf = (base64url: string): string => Buffer.from(base64url, 'base64url').toString('hex');
const verify = async (token: string, algorithm: 'EdDSA' | 'HS256' | 'RS256', key: Record<string, string>) =>
  performEffect({ do: 'jws.verify', token, algorithm, key });
/** The token with one bit of its signature turned. */
function forged(token: string): string {
  const [head, payload, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[3] = (bytes[3] ?? 0) ^ 1;
  return `${head}.${payload}.${bytes.toString('base64url')}`;
}

describe('RFC 7515 appendix A.1: HS256 over a JWT claims set', () => {
  const key = {
    kty: 'oct',
    k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
  };
  const token =
    'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  test('its signature fits; one bit of it less does not', async () => {
    expect(await verify(token, 'HS256', key)).toEqual({ ok: true, value: true });
    expect(await verify(forged(token), 'HS256', key)).toEqual({ ok: true, value: false });
  });
  test('the algorithm comes from outside: the same token as RS256 or EdDSA is no match', async () => {
    expect(await verify(token, 'RS256', key)).toMatchObject({ ok: false, code: 'key_unusable' });
    expect(await verify(token, 'EdDSA', key)).toMatchObject({ ok: false, code: 'key_unusable' });
  });
});

describe('RFC 7515 appendix A.2: RS256', () => {
  const key = {
    kty: 'RSA',
    n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
    e: 'AQAB',
  };
  const token =
    'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw';
  test('its signature fits; one bit of it less does not', async () => {
    expect(await verify(token, 'RS256', key)).toEqual({ ok: true, value: true });
    expect(await verify(forged(token), 'RS256', key)).toEqual({ ok: true, value: false });
  });
  test('a token that names another algorithm than the configured one never fits', async () => {
    const header = Buffer.from('{"alg":"HS256"}').toString('base64url');
    expect(await verify(`${header}.${token.split('.').slice(1).join('.')}`, 'RS256', key)).toEqual({
      ok: true,
      value: false,
    });
  });
});

describe('RFC 7520 section 4.4: HS256 over a text', () => {
  const k = 'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg';
  const payload =
    "It\u2019s a dangerous business, Frodo, going out your door. You step onto the road, and if you don't keep your feet, there\u2019s no knowing where you might be swept off to.";
  test('signing gives the bytes of the cookbook, and they verify', async () => {
    const signed = await performEffect({
      do: 'jws.sign',
      algorithm: 'HS256',
      secret: hexOf(k),
      header: { kid: '018c0ae5-4d9b-471b-bfd6-eef314bc7037' },
      payload,
    });
    if (!signed.ok || typeof signed.value !== 'string') throw new Error('not signed');
    expect(signed.value.split('.')[0]).toBe(
      'eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9',
    );
    expect(signed.value.split('.')[2]).toBe('s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0');
    expect(await verify(signed.value, 'HS256', { kty: 'oct', k })).toEqual({ ok: true, value: true });
  });
});

describe('RFC 8037 appendix A: Ed25519', () => {
  const secret = hexOf('nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A');
  const key = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
  test('A.1 and A.2: the public key of the secret', async () => {
    expect(await performEffect({ do: 'jws.public-key', secret })).toEqual({ ok: true, value: key });
  });
  test('A.4 and A.5: the signature, byte for byte, and its validation', async () => {
    const payload = 'Example of Ed25519 signing';
    const signed = await performEffect({ do: 'jws.sign', algorithm: 'EdDSA', secret, header: {}, payload });
    const token =
      'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg';
    expect(signed).toEqual({ ok: true, value: token });
    expect(await verify(token, 'EdDSA', key)).toEqual({ ok: true, value: true });
    expect(await verify(forged(token), 'EdDSA', key)).toEqual({ ok: true, value: false });
  });
});

describe('what does not fit', () => {
  test('an unsecured token (RFC 7515 appendix A.5) fits no algorithm', async () => {
    const token =
      'eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.';
    for (const [algorithm, key] of [
      ['HS256', { kty: 'oct', k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr8' }],
      ['EdDSA', { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
    ] as const)
      expect(await verify(token, algorithm, key)).toEqual({ ok: true, value: false });
  });
  test('a secret that is not 64 hex digits, keys without their parts: key_unusable', async () => {
    for (const secret of ['', 'ab', `${'0'.repeat(63)}g`])
      expect(
        await performEffect({ do: 'jws.sign', algorithm: 'EdDSA', secret, header: {}, payload: '' }),
      ).toMatchObject({ ok: false, code: 'key_unusable' });
    for (const [algorithm, key] of [
      ['RS256', { kty: 'RSA', n: 'AQAB' }],
      ['EdDSA', { kty: 'OKP', crv: 'Ed25519', x: 'AQAB' }],
      ['EdDSA', { kty: 'nothing' }],
    ] as const)
      expect(await verify('e30.e30.AAAA', algorithm, key)).toMatchObject({ ok: false, code: 'key_unusable' });
  });
});
