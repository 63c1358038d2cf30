/** Our public key, fetched into a file of its own. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Api } from './api.ts';

/** Fetches the key with which receipts, heads and manifests are signed; answers the file. */
export async function fetchedKey(api: Api): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'twinline-')), 'receipts.pem');
  await writeFile(file, await api.text('/receipts/key'));
  return file;
}
