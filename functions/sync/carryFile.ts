import { createHash } from 'node:crypto';
import { otherSide } from '../../shared/model/connection.ts';
import { valueHash } from '../../shared/model/ids.ts';
import type { AttachmentId, IssueId, ValueHash } from '../../shared/model/ids.ts';
import type { Step } from '../../shared/model/plan.ts';
import type { JiraAttachment } from '../../shared/model/replica.ts';
import type { JiraSite, WriteResult } from '../../shared/ports.ts';
import { Fault } from '../../shared/verdict.ts';
import type { Acting } from './act.ts';

type AddStep = Extract<Step, { kind: 'add-attachment' }>;
type Carried = WriteResult & {
  readonly attachment?: AttachmentId;
  readonly content?: ValueHash;
  readonly found?: boolean;
};

/** A file that did not arrive whole is sent once more. @see RIVALS.md §1.5 */
const MAX_TRIES = 2;

/**
 * Brings one file over, exactly once, without ever holding it:
 *
 * ```
 *   same bytes there already? ──yes──▶ that one is it
 *        │ no
 *   read ──▶ hash ──▶ write: a chunk at a time, under a lease that is renewed on the way
 * ```
 *
 * A file carries no marker, so a worker that died between upload and record is found out by the bytes: the next one reads both files
 * of one name and size and compares their hashes.
 * @throws Fault `jira-unavailable`, `lease-lost`
 */
export async function carryFile(acting: Acting, step: AddStep, issue: IssueId): Promise<Carried> {
  const { source, candidates } = step;
  const from = acting.look.sites[otherSide(step.side)];
  const to = acting.look.sites[step.side];
  const alike = candidates.length === 0 ? undefined : await findAlike(acting, { from, to }, source, candidates);
  if (alike !== undefined) return { ok: true, ...alike, found: true };
  if (step.onlyFind === true) return { ok: false, code: 'attachment-restricted' };
  for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
    const sent = await send(acting, { from, to }, source, issue);
    if (sent !== 'broken') return sent;
  }
  return { ok: false, code: 'attachment-broken' };
}

interface Ends {
  readonly from: JiraSite;
  readonly to: JiraSite;
}

async function findAlike(
  acting: Acting,
  { from, to }: Ends,
  source: JiraAttachment,
  candidates: readonly AttachmentId[],
): Promise<{ readonly attachment: AttachmentId; readonly content: ValueHash } | undefined> {
  const content = await hashOf(acting, from, source.id);
  for (const attachment of candidates) {
    if ((await hashOf(acting, to, attachment)) === content) return { attachment, content };
  }
  return undefined;
}

async function hashOf(acting: Acting, site: JiraSite, id: AttachmentId): Promise<ValueHash> {
  const hash = createHash('sha256');
  for await (const chunk of await site.openAttachment(id)) {
    await acting.hold.renew();
    hash.update(chunk);
  }
  return valueHash(hash.digest('hex'));
}

/** One try. `broken`: what was read or what arrived is not what the site had announced; nothing of it is left there. */
async function send(
  acting: Acting,
  { from, to }: Ends,
  source: JiraAttachment,
  issue: IssueId,
): Promise<Carried | 'broken'> {
  const passing = watched(acting, await from.openAttachment(source.id), source.bytes);
  const { name, type, bytes } = source;
  try {
    const result = await to.addAttachment(issue, { name, type, bytes, chunks: passing.chunks });
    if (!result.ok || result.attachment === undefined) return result;
    if (result.bytes === bytes) return { ok: true, attachment: result.attachment, content: passing.content() };
    await to.deleteAttachment(issue, result.attachment);
    return 'broken';
  } catch (thrown) {
    const trouble = passing.trouble();
    if (trouble === 'length') return 'broken';
    // The upload fails because its source did; what happened there is what is told.
    throw trouble instanceof Error ? trouble : thrown;
  }
}

interface Passing {
  readonly chunks: AsyncIterable<Uint8Array>;
  content(): ValueHash;
  /** What stopped the stream, when something did on this side of it. */
  trouble(): unknown;
}

/** The bytes as they pass: counted, hashed, and with the lease kept alive. */
function watched({ hold }: Acting, chunks: AsyncIterable<Uint8Array>, bytes: number): Passing {
  const hash = createHash('sha256');
  let trouble: unknown;
  const stop = (what: unknown): never => {
    trouble = what;
    throw what instanceof Error ? what : new Fault('jira-unavailable', { what: 'file' });
  };
  return {
    content: () => valueHash(hash.digest('hex')),
    trouble: () => trouble,
    chunks: (async function* () {
      let count = 0;
      try {
        for await (const chunk of chunks) {
          await hold.renew();
          count += chunk.byteLength;
          if (count > bytes) break;
          hash.update(chunk);
          yield chunk;
        }
      } catch (thrown) {
        stop(thrown);
      }
      if (count !== bytes) stop('length');
    })(),
  };
}
