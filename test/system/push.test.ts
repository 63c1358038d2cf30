import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFunction } from '../../infra/local/processes.ts';
import type { FunctionProcess } from '../../infra/local/processes.ts';
import { createTopics } from '../../infra/local/topics.ts';
import { functionRow } from '../../infra/topology.ts';
import { PubSubBus } from '../../shared/gcp/pubsub.ts';
import { issueId, tenantId } from '../../shared/model/ids.ts';
import { emulatorHosts, ownProject } from '../kit/emulators.ts';

const hosts = emulatorHosts();
/** Fixed and unusual, so that nothing else is likely to listen there. */
const PORTS = { sync: 48_731, purge: 48_732 } as const;

/** The emulator itself pushes here, as Pub/Sub does in production: the raw body, not our dispatcher's CloudEvent. */
describe.skipIf(hosts === undefined)('functions fed by real push', { timeout: 60_000 }, () => {
  const project = ownProject('push');
  const folder = mkdtempSync(join(tmpdir(), 'twinline-push-'));
  const lines: string[] = [];
  const started: FunctionProcess[] = [];
  let bus: PubSubBus;

  beforeAll(async () => {
    const { firestoreHost, pubsubHost } = hosts ?? { firestoreHost: '', pubsubHost: '' };
    const environment = {
      TWINLINE_MODE: 'local',
      TWINLINE_BASE_URL: 'https://twinline.example',
      TWINLINE_KEY_DIR: folder,
      GOOGLE_CLOUD_PROJECT: project,
      FIRESTORE_EMULATOR_HOST: firestoreHost,
      PUBSUB_EMULATOR_HOST: pubsubHost,
    };
    for (const name of ['sync', 'purge'] as const)
      started.push(
        await startFunction({
          row: functionRow(name),
          port: PORTS[name],
          environment,
          onLine: (line) => lines.push(line),
          onDeath: ({ code }) => lines.push(`died ${code}`),
        }),
      );
    // The topics are made through the client's own environment variable.
    process.env['PUBSUB_EMULATOR_HOST'] = pubsubHost;
    await createTopics(project, ({ target }) => started.find(({ name }) => name === target)?.address);
    bus = new PubSubBus({ project, emulatorHost: pubsubHost });
  }, 60_000);

  afterAll(async () => {
    await bus.close();
    await Promise.all(started.map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  const endings = (code: string): number =>
    lines.filter((line) => line.includes('"kind":"work"') && line.includes(`"code":"${code}"`)).length;

  test('a change of an unknown tenant is read from the pushed body and ends with its code, once', async () => {
    const tenant = tenantId('t-nobody-0001');
    await bus.publish('issue-changes', {
      kind: 'issue-change',
      tenant,
      generation: 1,
      issue: issueId('10001'),
      what: 'updated',
      eventAt: 1,
      receivedAt: 1,
    });
    await expect.poll(() => endings('generation-expired'), { timeout: 20_000 }).toBe(1);
  });

  test('the tick of the sweep reaches the purge function', async () => {
    await bus.publish('purge-jobs', { kind: 'sweep', askedAt: 1 });
    await expect.poll(() => endings('done') + endings('nothing-to-do'), { timeout: 20_000 }).toBe(1);
  });

  test('what was answered is not pushed again, and nothing could not be read', async () => {
    // Longer than the emulator waits before it pushes an unacknowledged message again (the topology's first back-off, 1 s).
    await new Promise((done) => setTimeout(done, 3_000));
    expect(endings('generation-expired')).toBe(1);
    expect(lines.filter((line) => line.includes('message-invalid') || line.startsWith('died'))).toEqual([]);
  });
});
