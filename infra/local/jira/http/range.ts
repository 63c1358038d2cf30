import { refuse } from '../model/problem.ts';
import type { Attachment } from '../model/parts.ts';
import type { Answer } from './call.ts';

/**
 * Answers a file or the part of it that a `Range` header asks for: 200, 206, or 416 with the file's size.
 * Several ranges at once are answered with the whole file, as RFC 9110 §14.2 allows.
 * @throws JiraProblem 400 for a header that is malformed
 */
export function rangeAnswer(attachment: Attachment, range: string | undefined): Answer {
  const { sizeBytes, mimeType, filename } = attachment;
  const headers = {
    'content-type': mimeType,
    'accept-ranges': 'bytes',
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(filename)}`,
  };
  if (range === undefined || range.includes(',')) {
    return { status: 200, headers, file: { attachment, start: 0, end: sizeBytes } };
  }
  const parts = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range.trim());
  if (parts === null || (parts[1] === '' && parts[2] === '')) throw refuse(400, 'The range header is malformed.');
  const [first, last] = [parts[1] ?? '', parts[2] ?? ''];
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  if (start >= sizeBytes || end <= start) {
    return { status: 416, headers: { 'content-range': `bytes */${sizeBytes}` } };
  }
  const contentRange = `bytes ${start}-${end - 1}/${sizeBytes}`;
  return { status: 206, headers: { ...headers, 'content-range': contentRange }, file: { attachment, start, end } };
}
