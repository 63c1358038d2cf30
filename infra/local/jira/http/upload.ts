import type { IncomingMessage } from 'node:http';
import { matchOperation } from '../contract/operations.ts';
import { UPLOAD_FILES, demandAttaching } from '../model/attachments.ts';
import { JiraProblem, refuse } from '../model/problem.ts';
import type { Act, Site } from '../model/types.ts';
import type { UploadedFile } from './call.ts';
import type { Files } from './files.ts';
import { type PartHead, readParts } from './multipart.ts';

/** Files that came with a request: their bytes are kept, nothing else is decided. */
export interface Upload {
  readonly heads: readonly PartHead[];
  readonly files: readonly UploadedFile[];
  /** Forgets the bytes that did not become attachments of the site. */
  forgetUnused(site: Site): void;
}

/**
 * Reads an upload after all that can be refused without reading it.
 * @throws JiraProblem 415 for another operation, 403 without the header `X-Atlassian-Token: no-check`, and as the model
 */
export async function takeUpload(
  files: Files,
  act: Act,
  request: IncomingMessage,
  progress: { operation: string; issue: string | undefined },
): Promise<Upload> {
  const matched = matchOperation(request.method ?? '', (request.url ?? '').split('?')[0] ?? '');
  if (matched?.operation.operationId !== 'addAttachment') throw refuse(415, 'Unsupported Media Type');
  progress.operation = matched.operation.operationId;
  progress.issue = decodeURIComponent(matched.params['issueIdOrKey'] ?? '');
  if (request.headers['x-atlassian-token'] !== 'no-check') {
    const body = { errorMessages: ['XSRF check failed'], errors: {} };
    throw new JiraProblem(403, body, {}, 'X-Atlassian-Token: no-check is missing');
  }
  demandAttaching(act, progress.issue);
  const heads: PartHead[] = [];
  const taken: UploadedFile[] = [];
  const forgetUnused = (site: Site): void => {
    const used = new Set([...site.attachments.values()].map(({ fileId }) => fileId));
    for (const { stored } of taken) if (!used.has(stored.fileId)) files.remove(stored.fileId);
  };
  try {
    await readParts(request, request.headers['content-type'] ?? '', async (head, bytes) => {
      heads.push(head);
      if (heads.length > UPLOAD_FILES) throw refuse(413, `More than ${UPLOAD_FILES} files cannot be attached at once.`);
      if (head.name !== 'file' || head.filename === undefined) return;
      const stored = await files.write(bytes, act.site.attachmentSettings.uploadLimit);
      taken.push({ filename: head.filename, mimeType: head.contentType, stored });
    });
  } catch (problem) {
    forgetUnused(act.site);
    throw problem;
  }
  return { heads, files: taken, forgetUnused };
}
