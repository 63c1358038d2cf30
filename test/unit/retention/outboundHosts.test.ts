import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { optionalProcessors, processors, fitsHost } from '../../../shared/retention/processors.ts';
import packageFile from '../../../package.json' with { type: 'json' };

const root = resolve(import.meta.dirname, '../../..');
const patterns = [...processors, ...optionalProcessors].flatMap(({ hosts = [] }) => hosts);
const isRegistered = (host: string): boolean => patterns.some((pattern) => fitsHost(host, pattern));

/** What the shell and the adapters are made of, without comments and without the places where links are only shown. */
const sources = ['functions', 'shared']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((f) => `${folder}/${f}`),
  )
  .filter((file) => file.endsWith('.ts') && !file.startsWith('shared/evidence/documents/'));
const codeOf = (file: string): string =>
  readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');

/** Hosts that a text names as the place of a call. */
function hostsIn(text: string): readonly string[] {
  return [...text.matchAll(/\b(?:https?|sftp|smtps?):\/\/((?:[a-z0-9-]+\.)+[a-z]{2,24})/g)].map(
    ([, host = '']) => host,
  );
}

test('P5 every host that the code names is on the register', () => {
  const named = sources.flatMap((file) => hostsIn(codeOf(file)).map((host) => ({ file, host })));
  expect(named.map(({ host }) => host)).toContain('connect-install-keys.atlassian.com');
  expect(named.filter(({ host }) => !isRegistered(host))).toEqual([]);
});

/** The service behind each client library that finds its host by itself. */
const serviceHosts: Readonly<Record<string, string>> = {
  '@google-cloud/firestore': 'firestore.googleapis.com',
  '@google-cloud/firestore-api': 'firestore.googleapis.com',
  '@google-cloud/pubsub': 'pubsub.googleapis.com',
  '@google-cloud/kms': 'cloudkms.googleapis.com',
  '@google-cloud/scheduler': 'cloudscheduler.googleapis.com',
  '@google-cloud/storage': 'storage.googleapis.com',
};

test('P5 every client library that finds its host by itself has that host on the register', () => {
  const clients = Object.keys(packageFile.dependencies).filter(
    (name) => name.startsWith('@google-cloud/') && name !== '@google-cloud/functions-framework',
  );
  expect(clients.filter((name) => !isRegistered(serviceHosts[name] ?? ''))).toEqual([]);
});

test.each(['www.google-analytics.com', 'sentry.io', 'api.segment.io', 'cdn.jsdelivr.net', 'connect-cdn.atl-paas.net'])(
  'P5 %s is no party of ours: nothing analyses, advertises or loads scripts from elsewhere',
  (host) => {
    expect(isRegistered(host)).toBe(false);
  },
);
