import { adfProblems } from '../contract/adf.ts';
import { JiraProblem, badField, refuse } from './problem.ts';
import type { Act, Adf } from './types.ts';

/** Longest text of a rich text field, in characters of its plain text. @see ATLASSIAN.md §6.2 */
export const TEXT_LIMIT = 32_767;
/** Deepest document that is walked; Jira's own editor stays far below. */
const DEPTH_LIMIT = 64;

/**
 * Takes a rich text value of a v3 body.
 * @throws JiraProblem 400 when it is no document, breaks the ADF schema (counted as a violation), is too long, or shows a
 * file that the site does not have
 */
export function parseDocument(act: Act, raw: unknown, field: string): Adf {
  if (!isRecord(raw) || raw['type'] !== 'doc') {
    throw badField(field, 'Operation value must be an Atlassian Document (see the Atlassian Document Format)');
  }
  const problems = adfProblems(raw);
  if (problems.length > 0) {
    throw new JiraProblem(
      400,
      { errorMessages: ['INVALID_INPUT'], errors: {} },
      {},
      `${field}: ${problems.slice(0, 3).join('; ')}`,
    );
  }
  const files = new Set(filesIn(raw));
  for (const { mediaId } of files.size === 0 ? [] : act.site.attachments.values()) files.delete(mediaId);
  // Jira's only words for an id of another site, and for an attachment's own id in the place of its media id.
  if (files.size > 0) throw refuse(400, 'ATTACHMENT_VALIDATION_ERROR');
  if (plainText(raw).length > TEXT_LIMIT) {
    throw badField(
      field,
      `The entered text is too long. It exceeds the allowed limit of ${TEXT_LIMIT.toLocaleString('en-US')} characters.`,
    );
  }
  return raw;
}

/** The media ids of the files that a document shows; pictures from elsewhere have none. */
function filesIn(node: unknown): readonly string[] {
  if (!isRecord(node)) return [];
  const { type, attrs, content } = node;
  const isMedia = type === 'media' || type === 'mediaInline';
  const id = isMedia && isRecord(attrs) && attrs['type'] !== 'external' ? attrs['id'] : undefined;
  const inner = Array.isArray(content) ? (content as unknown[]).flatMap(filesIn) : [];
  return typeof id === 'string' ? [id, ...inner] : inner;
}

/** The text of a document without any formatting; blocks end with a line feed. */
export function plainText(node: unknown, depth = 0): string {
  if (!isRecord(node) || depth > DEPTH_LIMIT) return '';
  if (node['type'] === 'text') return typeof node['text'] === 'string' ? node['text'] : '';
  if (node['type'] === 'hardBreak') return '\n';
  const content = Array.isArray(node['content']) ? (node['content'] as unknown[]) : [];
  const inner = content.map((child) => plainText(child, depth + 1)).join('');
  return BLOCKS.has(String(node['type'])) && inner !== '' ? `${inner}\n` : inner;
}

const BLOCKS = new Set(['paragraph', 'heading', 'codeBlock']);

/** Whether something is a plain object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
