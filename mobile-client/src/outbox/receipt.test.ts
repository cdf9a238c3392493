// A seal is right, wrong, or nobody can say.
import { expect, test } from '@playwright/test';
import { sealOf } from './receipt.ts';

const text = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function sealed() {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const { x = '' } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  const signed = `${text({ alg: 'EdDSA', kid: 'k1', typ: 'minhchung-receipt+jws' })}.${text({ submission: 'a' })}`;
  const signature = await crypto.subtle.sign('Ed25519', pair.privateKey, new TextEncoder().encode(signed));
  return {
    receipt: `${signed}.${Buffer.from(signature).toString('base64url')}`,
    key: { kty: 'OKP', crv: 'Ed25519', x, kid: 'k1' },
  };
}

test('only the server’s own key makes a seal right, and every changed letter makes it wrong', async () => {
  const { receipt, key } = await sealed();
  const stranger = { ...(await sealed()).key };
  expect(await sealOf(receipt, [key])).toBe('right');
  expect(await sealOf(receipt, [])).toBe('unknown-key');
  expect(await sealOf(receipt, [{ ...key, kid: 'k2' }])).toBe('unknown-key');
  expect(await sealOf(receipt, [stranger])).toBe('wrong');
  expect(await sealOf(receipt, [{ ...key, x: '!' }])).toBe('wrong');
  const [head = '', body = '', seal = ''] = receipt.split('.');
  expect(await sealOf(`${head}.${text({ submission: 'b' })}.${seal}`, [key])).toBe('wrong');
  expect(await sealOf(`${head}.${body}.`, [key])).toBe('wrong');
  expect(await sealOf(`${head}.${body}.%%`, [key])).toBe('wrong');
  expect(await sealOf(`${text({ alg: 'none', kid: 'k1' })}.${body}.${seal}`, [key])).toBe('wrong');
  expect(await sealOf('', [key])).toBe('wrong');
});
