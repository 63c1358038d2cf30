import type { HttpUpload } from '../http.ts';
import type { AttachmentId, IssueId } from '../model/ids.ts';
import type { JiraAttachment } from '../model/replica.ts';
import type { FileToUpload, WriteResult } from '../ports.ts';
import { Fault } from '../verdict.ts';
import { mediaIdIn, parseAttachments, parseUploaded } from '../wire/jiraParts.ts';
import { call, leave, open, target, write } from './call.ts';
import type { Site } from './call.ts';
import { REFUSALS, plainResult } from './write.ts';

/** How long one file may take; with the rest of a round it ends within the function's 60 s. @see infra/topology.ts */
const TRANSFER_MS = 35_000;

/** Reads the files of an issue, oldest first. @throws Fault `jira-not-found`, `jira-forbidden` when the site hides them */
export async function readAttachments(site: Site, issue: IssueId): Promise<readonly JiraAttachment[]> {
  const path = target('/issue/{}', [issue], { fields: 'attachment' });
  return filesIn((await call(site, { method: 'GET', target: path })).body);
}

/** The files in the answer to a reading of an issue, oldest first. @throws Fault `jira-forbidden` when the site hides them */
export function filesIn(body: unknown): readonly JiraAttachment[] {
  const files = parseAttachments(body);
  // Files that are hidden must not look like deleted ones.
  if (files === undefined) throw new Fault('jira-forbidden', { what: 'attachments' });
  return [...files].sort((one, other) => one.createdAt - other.createdAt);
}

/**
 * The id under which documents show a file. No operation tells it but the address that a file's content is redirected to. That
 * address is not called: it belongs to another host, which must not see our credentials. @see ATLASSIAN.md §6.3
 */
export async function readMedia(site: Site, attachment: AttachmentId): Promise<string | undefined> {
  const opened = await open(site, {
    method: 'GET',
    target: target('/attachment/content/{}', [attachment]),
    accept: [303, 404],
  });
  await leave(opened);
  return opened.status === 303 ? mediaIdIn(opened.headers['location']) : undefined;
}

/**
 * Opens a file's bytes at the site itself: `redirect=false`, so that no other host is involved.
 * @throws Fault `jira-not-found` when it is gone, and `jira-unavailable` while it is read
 */
export async function openAttachment(site: Site, attachment: AttachmentId): Promise<AsyncIterable<Uint8Array>> {
  const path = target('/attachment/content/{}', [attachment], { redirect: 'false' });
  const opened = await open(site, { method: 'GET', target: path, deadlineMs: TRANSFER_MS });
  return translatedChunks(opened.chunks);
}

/**
 * Uploads a file while it is still being read. The answer says how many bytes the site has of it.
 * @throws Fault `jira-unavailable` when the stream or the site breaks off; then nothing was attached, or it is found later
 */
export async function addAttachment(
  site: Site,
  issue: IssueId,
  file: FileToUpload,
): Promise<WriteResult & { readonly attachment?: AttachmentId; readonly bytes?: number }> {
  const answer = await write(site, issue, {
    method: 'POST',
    target: target('/issue/{}/attachments', [issue]),
    upload: multipart(file),
    deadlineMs: TRANSFER_MS,
    accept: REFUSALS,
  });
  if (answer.status < 300) {
    const { id, bytes } = parseUploaded(answer.body);
    return { ok: true, attachment: id, bytes };
  }
  return answer.status === 413 ? { ok: false, code: 'attachment-too-large' } : plainResult(answer);
}

/** Deletes a file. Gone already counts as done. */
export async function deleteAttachment(site: Site, issue: IssueId, attachment: AttachmentId): Promise<WriteResult> {
  const path = target('/attachment/{}', [attachment]);
  const answer = await write(site, issue, { method: 'DELETE', target: path, accept: REFUSALS });
  return answer.status === 404 ? { ok: true } : plainResult(answer);
}

async function* translatedChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'outside-unavailable') throw thrown;
    throw new Fault('jira-unavailable', thrown.facts, thrown);
  }
}

/** Our own boundary: longer than chance would meet in a file, and no file is searched for it. */
const BOUNDARY = '----twinline-7d1f0c2a9b5e4c3f8a6d';
/** A media type with its parameters: `text/plain; charset=UTF-8`. Nothing in it can end the line. @see RFC 9110 §8.3.1 */
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(?: ?; ?[\w!#$&^.+-]{1,127}=[\w!#$&^.+-]{1,127}){0,4}$/;

/** One part with the name that Jira looks for. The length is known before the first byte, so a file that broke off is refused. */
function multipart({ name, type, bytes, chunks }: FileToUpload): HttpUpload {
  // As browsers do it: these three would end the name, everything else may stand. @see WHATWG HTML, multipart/form-data
  const filename = name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const spoken = type.trim();
  const head = Buffer.from(
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n` +
      `Content-Type: ${MEDIA_TYPE.test(spoken) ? spoken : 'application/octet-stream'}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
  return {
    type: `multipart/form-data; boundary=${BOUNDARY}`,
    bytes: head.length + bytes + tail.length,
    chunks: (async function* () {
      yield head;
      yield* chunks;
      yield tail;
    })(),
  };
}
