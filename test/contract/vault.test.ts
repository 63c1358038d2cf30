/** What a Vault and a Signer keep to: in memory, in key files, and on Cloud KMS (a stand-in over real HTTP). */
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { openKeyFiles } from '../../shared/disk/keyFile.ts';
import { crc32c } from '../../shared/gcp/crc32c.ts';
import { Kms } from '../../shared/gcp/kms.ts';
import { MemoryIds } from '../../shared/memory/clock.ts';
import { MemorySigner } from '../../shared/memory/signer.ts';
import { MemoryVault } from '../../shared/memory/vault.ts';
import { DATA_KEY, KmsStandIn, RECEIPT_KEY } from '../kit/kms.ts';

const folder = mkdtempSync(join(tmpdir(), 'vault-'));
const files = openKeyFiles(join(folder, 'keys'));
const standIn = await KmsStandIn.start();
const kms = new Kms(standIn.options());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await kms.close();
  await standIn.stop();
});

const withCode = (code: string): unknown => expect.objectContaining({ code });
const key = new Uint8Array(32).map((_, index) => index);

describe.each([
  { name: 'memory', vault: new MemoryVault(new MemoryIds()) },
  { name: 'a key file', vault: files.vault },
  { name: 'Cloud KMS', vault: kms.vault(DATA_KEY) },
])('the vault in $name', ({ vault }) => {
  test('gives back the key that was wrapped', async () => {
    const wrapped = await vault.wrap(key, 'here');
    expect(new Uint8Array(await vault.unwrap(wrapped, 'here'))).toEqual(key);
    expect(Buffer.from(wrapped, 'base64').includes(Buffer.from(key))).toBe(false);
  });

  test('gives it back in its own context only', async () => {
    await expect(vault.unwrap(await vault.wrap(key, 'here'), 'there')).rejects.toEqual(withCode('seal-broken'));
  });

  test.each([
    ['changed', (text: string) => `${text.slice(0, -8)}${text.at(-8) === 'A' ? 'B' : 'A'}${text.slice(-7)}`],
    ['cut', (text: string) => text.slice(0, -8)],
    ['something else', () => 'bm90aGluZw=='],
    ['not base64', () => 'not base64!'],
  ])('gives nothing back for a wrapped key that is %s', async (_what, harm) => {
    await expect(vault.unwrap(harm(await vault.wrap(key, 'here')), 'here')).rejects.toEqual(withCode('seal-broken'));
  });
});

describe.each([
  { name: 'memory', signer: new MemorySigner(new MemoryIds()) },
  { name: 'a key file', signer: files.signer },
  { name: 'Cloud KMS', signer: kms.signer(RECEIPT_KEY) },
])('the signer in $name', ({ signer }) => {
  test('signs what its public key verifies, and nothing else', async () => {
    const signature = Buffer.from(await signer.sign('Grüße'), 'base64');
    const publicKey = createPublicKey(await signer.publicKey());
    expect(publicKey.asymmetricKeyType).toBe('ed25519');
    expect(verify(null, Buffer.from('Grüße'), publicKey, signature)).toBe(true);
    expect(verify(null, Buffer.from('Gruesse'), publicKey, signature)).toBe(false);
  });

  test('names its key', () => {
    expect(signer.keyId).toMatch(/^(memory-|local-|projects\/)/);
  });
});

describe('Cloud KMS', () => {
  const vault = kms.vault(DATA_KEY);
  afterEach(() => {
    standIn.trouble = 'none';
  });

  test.each(['damaged-answer', 'damaged-request', 'key-destroyed'] as const)(
    'is not believed when there is trouble: %s',
    async (trouble) => {
      standIn.trouble = trouble;
      await expect(vault.wrap(key, 'here')).rejects.toEqual(withCode('key-unavailable'));
      await expect(kms.signer(RECEIPT_KEY).sign('x')).rejects.toEqual(withCode('key-unavailable'));
    },
  );

  test('an answer with a wrong checksum or from a destroyed key does not open', async () => {
    const wrapped = await vault.wrap(key, 'here');
    for (const trouble of ['damaged-answer', 'key-destroyed'] as const) {
      standIn.trouble = trouble;
      await expect(vault.unwrap(wrapped, 'here')).rejects.toEqual(withCode('key-unavailable'));
    }
  });

  test('is given up in time when it does not answer', { timeout: 15_000 }, async () => {
    standIn.trouble = 'down';
    await expect(vault.wrap(key, 'here')).rejects.toEqual(withCode('key-unavailable'));
  });

  test('the checksum is the one that RFC 3720 shows', () => {
    expect(crc32c(new Uint8Array(32)).toString(16)).toBe('8a9136aa');
    expect(crc32c(new Uint8Array(32).fill(0xff)).toString(16)).toBe('62a8ab43');
    expect(crc32c(Buffer.from('123456789')).toString(16)).toBe('e3069283');
  });
});

describe('key files', () => {
  const names = ['backup.key', 'ledger.key', 'mail.key', 'receipts.pem', 'vault.key'];

  test('are the same when they are opened again, and only their owner may read them', async () => {
    const again = openKeyFiles(join(folder, 'keys'));
    const wrapped = await files.vault.wrap(key, 'here');
    expect(new Uint8Array(await again.vault.unwrap(wrapped, 'here'))).toEqual(key);
    expect(again.signer.keyId).toBe(files.signer.keyId);
    expect(again.hashKeys).toEqual(files.hashKeys);
    for (const name of readdirSync(join(folder, 'keys')))
      expect(statSync(join(folder, 'keys', name)).mode & 0o777, name).toBe(0o600);
    expect(readdirSync(join(folder, 'keys')).sort()).toEqual(names);
  });

  test('are the same for processes that start together', async () => {
    const shared = join(folder, 'together');
    const source = resolve(import.meta.dirname, '../../shared/disk/keyFile.ts');
    const code = `import { openKeyFiles } from ${JSON.stringify(source)};
      const files = openKeyFiles(${JSON.stringify(shared)});
      console.log(files.signer.keyId + Buffer.from(files.hashKeys[0]).toString('hex'));`;
    const run = async (): Promise<string> => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const chunks: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      await once(child, 'close');
      return Buffer.concat(chunks).toString().trim();
    };
    const said = await Promise.all(Array.from({ length: 5 }, run));
    expect(said[0]).toMatch(/^local-[0-9a-f]{80}$/);
    expect(new Set(said).size).toBe(1);
    expect(readdirSync(shared).sort()).toEqual(names);
  });

  test.each(names)('with something else in %s are refused', (name) => {
    const at = join(folder, `odd-${name}`);
    openKeyFiles(at);
    writeFileSync(join(at, name), 'something else');
    expect(() => openKeyFiles(at)).toThrow(expect.objectContaining({ code: 'config-invalid' }) as Error);
    expect(readFileSync(join(at, name), 'utf8')).toBe('something else');
  });
});
