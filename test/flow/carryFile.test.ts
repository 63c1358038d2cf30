/** One file on its way, with sites that do what real ones must not. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Acting } from '../../functions/sync/act.ts';
import { carryFile } from '../../functions/sync/carryFile.ts';
import { attachmentId, issueId } from '../../shared/model/ids.ts';
import type { JiraAttachment } from '../../shared/model/replica.ts';
import type { FileToUpload, JiraSite } from '../../shared/ports.ts';
import { Fault } from '../../shared/verdict.ts';

const source: JiraAttachment = {
  ...{ id: attachmentId('1'), author: null, createdAt: 0, name: 'a.txt', type: 'text/plain', bytes: 6 },
  isRestricted: false,
};

async function* bytes(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

interface Told {
  readonly uploads: string[];
  readonly deleted: string[];
  renewed: number;
}

/** Two sites of which one gives `given` and the other says that it has `kept` bytes. */
function carry(given: () => AsyncIterable<Uint8Array>, kept: number, renew?: () => Promise<void>) {
  const told: Told = { uploads: [], deleted: [], renewed: 0 };
  const from: Partial<JiraSite> = { openAttachment: async () => given() };
  const to: Partial<JiraSite> = {
    addAttachment: async (_issue, { chunks }: FileToUpload) => {
      let text = '';
      for await (const chunk of chunks) text += Buffer.from(chunk).toString();
      told.uploads.push(text);
      return { ok: true, attachment: attachmentId('9'), bytes: kept };
    },
    deleteAttachment: async (_issue, id) => {
      told.deleted.push(id);
      return { ok: true };
    },
  };
  const hold = {
    renew: async () => {
      told.renewed += 1;
      await renew?.();
    },
  };
  const acting = { hold, look: { sites: { a: from, b: to } } } as unknown as Acting;
  const step = { key: 'k', side: 'b', kind: 'add-attachment', issue: issueId('2'), source, candidates: [] } as const;
  return { told, ended: carryFile(acting, step, issueId('2')) };
}

describe('a file on its way', () => {
  test('is hashed as it passes, and keeps the lease alive', async () => {
    const { told, ended } = carry(() => bytes('abc', 'def'), 6);
    expect(await ended).toEqual({
      ok: true,
      attachment: '9',
      content: createHash('sha256').update('abcdef').digest('hex'),
    });
    expect(told).toEqual({ uploads: ['abcdef'], deleted: [], renewed: 2 });
  });

  test('that arrives with another size is taken back and sent once more, then given up', async () => {
    const { told, ended } = carry(() => bytes('abcdef'), 5);
    expect(await ended).toEqual({ ok: false, code: 'attachment-broken' });
    expect(told).toMatchObject({ uploads: ['abcdef', 'abcdef'], deleted: ['9', '9'] });
  });

  test.each([[['abc']], [['abcdef', 'g']]])(
    'that is read as other bytes than announced is no file: %j',
    async (parts) => {
      const { told, ended } = carry(() => bytes(...parts), 6);
      expect(await ended).toEqual({ ok: false, code: 'attachment-broken' });
      expect(told.uploads).toEqual([]);
    },
  );

  test('stops when the lease is lost, and says so', async () => {
    const { told, ended } = carry(
      () => bytes('abcdef'),
      6,
      () => Promise.reject(new Fault('lease-lost')),
    );
    await expect(ended).rejects.toMatchObject({ code: 'lease-lost' });
    expect(told.uploads).toEqual([]);
  });

  test('tells what stopped its source, not what that did to the upload', async () => {
    const { ended } = carry(async function* () {
      yield Buffer.from('abc');
      throw new Fault('jira-unavailable', { reason: 'broken-off' });
    }, 6);
    await expect(ended).rejects.toMatchObject({ code: 'jira-unavailable', facts: { reason: 'broken-off' } });
  });
});
