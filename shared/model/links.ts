import { issueId, type IssueId } from './ids.ts';

/** One end of a link as its issue shows it. `outward`: this issue does what the type says to the other. */
export interface IssueLink {
  /** The name of the link's type. */
  readonly type: string;
  readonly direction: 'inward' | 'outward';
  readonly issue: IssueId;
}

/** A link to something outside Jira. */
export interface RemoteLink {
  readonly url: string;
  readonly title: string;
  /** By which the site knows it again; absent when whoever made it gave none. */
  readonly globalId?: string;
}

/** A link as an element of the set `links`. */
export function linkElement({ type, direction, issue }: IssueLink): string {
  return `${direction}:${issue}:${type}`;
}

/** The link that an element stands for; `undefined` for a text that is none. */
export function linkOf(element: string): IssueLink | undefined {
  const [, direction, issue, type] = /^(inward|outward):([0-9]{1,19}):(.+)$/su.exec(element) ?? [];
  if (issue === undefined || type === undefined) return undefined;
  return { type, direction: direction === 'inward' ? 'inward' : 'outward', issue: issueId(issue) };
}

/** A remote link as an element of the set `remoteLinks`. */
export function remoteLinkElement({ url, title, globalId }: RemoteLink): string {
  return JSON.stringify(globalId === undefined ? [url, title] : [url, title, globalId]);
}

/** The remote link that an element stands for; `undefined` for a text that is none. */
export function remoteLinkOf(element: string): RemoteLink | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(element);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts)) return undefined;
  const [url, title, globalId] = parts as unknown[];
  if (typeof url !== 'string' || typeof title !== 'string') return undefined;
  return { url, title, ...(typeof globalId === 'string' ? { globalId } : {}) };
}
