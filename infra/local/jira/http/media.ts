import { createHmac, timingSafeEqual } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { JiraProblem } from '../model/problem.ts';
import type { Attachment } from '../model/parts.ts';
import type { Site, World } from '../model/types.ts';
import type { Answer } from './call.ts';
import type { Files } from './files.ts';
import { type Listening, listen } from './listen.ts';
import { rangeAnswer } from './range.ts';

/** Where Jira's media service is; it knows no accounts, only signed addresses [inf: the host that Jira Cloud redirects to]. */
export const MEDIA_ORIGIN = 'https://api.media.atlassian.com';
/** How long a signed address lives [inf]: long enough to follow a redirect, too short to keep. */
const ADDRESS_LIVES_MS = 600_000;

/** The signed address that the content of an attachment is redirected to; its path names the media id. */
export function signedPath(site: Site, attachment: Attachment, now: number): string {
  const until = now + ADDRESS_LIVES_MS;
  const query = new URLSearchParams({
    token: `${until}.${signature(site, attachment.mediaId, until)}`,
    client: site.cloudId,
    dl: 'true',
    name: attachment.filename,
  });
  return `${MEDIA_ORIGIN}/file/${attachment.mediaId}/binary?${query.toString()}`;
}

function signature(site: Site, mediaId: string, until: number): string {
  return createHmac('sha256', site.clientKey).update(`${mediaId}.${until}`).digest('hex');
}

/** What serving files needs. */
export interface MediaServing {
  readonly world: World;
  readonly clock: { now(): number };
  readonly files: Files;
}

/** Serves files to whoever has a signed address. Credentials of a site sent along are refused: nobody may leak them here. */
export function serveMedia(serving: MediaServing, port: number): Promise<Listening> {
  return listen(
    createServer((request, response) => void answer(serving, request, response)),
    port,
  );
}

async function answer(serving: MediaServing, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const answered = answerOf(serving, request);
    await sendFile(serving.files, answered, response);
  } catch (problem) {
    const status = problem instanceof JiraProblem ? problem.status : 500;
    if (!response.headersSent) response.writeHead(status);
    response.end();
  }
}

function answerOf({ world, clock }: MediaServing, request: IncomingMessage): Answer {
  const url = new URL(request.url ?? '/', MEDIA_ORIGIN);
  const mediaId = /^\/file\/([0-9a-f-]{36})\/binary$/.exec(url.pathname)?.[1];
  if (request.method !== 'GET' || mediaId === undefined) return { status: 404 };
  if (request.headers.authorization !== undefined) return { status: 400 };
  const site = [...world.sites.values()].find(({ cloudId }) => cloudId === url.searchParams.get('client'));
  const [until, signed] = (url.searchParams.get('token') ?? '').split('.');
  if (site === undefined || !isSigned(site, mediaId, Number(until), signed ?? '')) return { status: 401 };
  if (clock.now() > Number(until)) return { status: 403 };
  const attachment = [...site.attachments.values()].find((one) => one.mediaId === mediaId);
  return attachment === undefined ? { status: 404 } : rangeAnswer(attachment, request.headers.range);
}

function isSigned(site: Site, mediaId: string, until: number, signed: string): boolean {
  const [a, b] = [Buffer.from(signature(site, mediaId, until)), Buffer.from(signed)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Sends an answer's head and, where it has one, its file; 404 when the bytes are lost. */
export async function sendFile(files: Files, answered: Answer, response: ServerResponse): Promise<number> {
  const { file } = answered;
  const bytes = file === undefined ? undefined : files.read(file.attachment, file.start, file.end);
  const status = file !== undefined && bytes === undefined ? 404 : answered.status;
  const length = file === undefined || bytes === undefined ? 0 : file.end - file.start;
  response.writeHead(status, { ...answered.headers, 'content-length': String(length) });
  if (bytes === undefined) response.end();
  else await pipeline(bytes, response);
  return status;
}
