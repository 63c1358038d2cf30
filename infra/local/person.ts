/**
 * A person at one of the stand-in sites, over the same REST interface and with the same rights as any client: what the
 * local page, the demo and the replay use to look at issues and to change them. Shares no code with the product's client.
 */
import { z } from 'zod';

const user = z.object({ accountId: z.string(), displayName: z.string() }).nullable();
const named = z.object({ name: z.string() });
const document = z.looseObject({ type: z.literal('doc') }).nullable();

const comment = z.object({
  id: z.string(),
  author: user.optional(),
  body: document.optional(),
  created: z.string(),
  updated: z.string(),
  visibility: z.looseObject({}).optional(),
});

const issue = z.object({
  id: z.string(),
  key: z.string(),
  fields: z.object({
    summary: z.string(),
    description: document.optional(),
    issuetype: z.object({ name: z.string(), subtask: z.boolean() }),
    priority: named.nullish(),
    labels: z.array(z.string()),
    status: named,
    assignee: user.optional(),
    reporter: user.optional(),
    created: z.string(),
    updated: z.string(),
    comment: z.object({ total: z.number() }).optional(),
    parent: z.object({ key: z.string() }).optional(),
  }),
});

const worklog = z.object({
  id: z.string(),
  author: user.optional(),
  comment: document.optional(),
  started: z.string(),
  timeSpent: z.string(),
  timeSpentSeconds: z.number(),
});
const worklogPage = z.object({ worklogs: z.array(worklog) });
const attachment = z.object({ id: z.string(), filename: z.string(), size: z.number(), mimeType: z.string() });
const other = z.object({ id: z.string(), key: z.string() });
const link = z.object({
  id: z.string(),
  type: z.object({ name: z.string(), inward: z.string(), outward: z.string() }),
  inwardIssue: other.optional(),
  outwardIssue: other.optional(),
});
const parts = z.object({ fields: z.object({ attachment: z.array(attachment), issuelinks: z.array(link) }) });
const remoteLink = z.object({
  id: z.number(),
  globalId: z.string().optional(),
  object: z.object({ url: z.string(), title: z.string() }),
});
const idOnly = z.object({ id: z.string() });
const commentPage = z.object({ comments: z.array(comment), total: z.number(), startAt: z.number() });
const transitions = z.object({ transitions: z.array(z.object({ id: z.string(), name: z.string(), to: named })) });
const bulk = z.object({ issues: z.array(issue) });
const failure = z.object({
  errorMessages: z.array(z.string()).optional(),
  errors: z.record(z.string(), z.string()).optional(),
});

export type PersonIssue = z.infer<typeof issue>;
export type PersonComment = z.infer<typeof comment>;
export type PersonWorklog = z.infer<typeof worklog>;
export type PersonAttachment = z.infer<typeof attachment>;
export type PersonLink = z.infer<typeof link>;
export type PersonRemoteLink = z.infer<typeof remoteLink>;

/** Jira takes 100 ids at once. @see ATLASSIAN.md §6.3 */
const BULK = 100;
const COMMENT_PAGE = 100;
const FIELDS = [
  'summary',
  'description',
  'issuetype',
  'priority',
  'labels',
  'status',
  'assignee',
  'reporter',
  'created',
  'updated',
  'comment',
  'parent',
];

/** A refusal by the site, with its own sentence. */
export class SiteRefused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'SiteRefused';
    this.status = status;
  }
}

export interface Credentials {
  readonly address: string;
  readonly email: string;
  readonly token: string;
}

/** What a person changes in an issue; `null` empties. */
export type PersonFields = Readonly<Record<string, unknown>>;

/** Calls a site as one person. Every method throws {@link SiteRefused} when the site refuses. */
export class SitePerson {
  readonly #address: string;
  readonly #authorization: string;

  constructor({ address, email, token }: Credentials) {
    this.#address = address;
    this.#authorization = `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}`;
  }

  async read(idOrKey: string): Promise<PersonIssue> {
    return issue.parse(await this.#call('GET', `/issue/${idOrKey}?fields=${FIELDS.join(',')}`));
  }

  /** Issues by id, in no order; ids that are gone are left out. */
  async readMany(ids: readonly string[]): Promise<readonly PersonIssue[]> {
    const found: PersonIssue[] = [];
    for (let from = 0; from < ids.length; from += BULK) {
      const answer = await this.#call('POST', '/issue/bulkfetch', {
        issueIdsOrKeys: ids.slice(from, from + BULK),
        fields: FIELDS,
      });
      found.push(...bulk.parse(answer).issues);
    }
    return found;
  }

  /** All comments, oldest first. */
  async comments(id: string): Promise<readonly PersonComment[]> {
    const found: PersonComment[] = [];
    for (;;) {
      const page = commentPage.parse(
        await this.#call(
          'GET',
          `/issue/${id}/comment?orderBy=created&startAt=${found.length}&maxResults=${COMMENT_PAGE}`,
        ),
      );
      found.push(...page.comments);
      if (page.comments.length === 0 || found.length >= page.total) return found;
    }
  }

  async transitions(id: string): Promise<z.infer<typeof transitions>['transitions']> {
    return transitions.parse(await this.#call('GET', `/issue/${id}/transitions`)).transitions;
  }

  /** Creates an issue and answers its id. */
  async create(project: string, fields: PersonFields): Promise<string> {
    return z
      .object({ id: z.string() })
      .parse(await this.#call('POST', '/issue', { fields: { project: { key: project }, ...fields } })).id;
  }

  async edit(id: string, fields: PersonFields): Promise<void> {
    await this.#call('PUT', `/issue/${id}`, { fields });
  }

  async move(id: string, transition: string): Promise<void> {
    await this.#call('POST', `/issue/${id}/transitions`, { transition: { id: transition } });
  }

  async remove(id: string): Promise<void> {
    await this.#call('DELETE', `/issue/${id}`);
  }

  /** Adds a comment and answers its id. */
  async addComment(id: string, body: unknown): Promise<string> {
    return z.object({ id: z.string() }).parse(await this.#call('POST', `/issue/${id}/comment`, { body })).id;
  }

  async editComment(id: string, of: string, body: unknown): Promise<void> {
    await this.#call('PUT', `/issue/${id}/comment/${of}`, { body });
  }

  async removeComment(id: string, of: string): Promise<void> {
    await this.#call('DELETE', `/issue/${id}/comment/${of}`);
  }

  /** Adds a comment that only a role or a group may read, and answers its id. */
  async addRestrictedComment(
    id: string,
    body: unknown,
    visibility: { readonly type: 'role' | 'group'; readonly value: string },
  ): Promise<string> {
    return idOnly.parse(await this.#call('POST', `/issue/${id}/comment`, { body, visibility })).id;
  }

  /** All worklogs, oldest first. */
  async worklogs(id: string): Promise<readonly PersonWorklog[]> {
    return worklogPage.parse(await this.#call('GET', `/issue/${id}/worklog`)).worklogs;
  }

  /** Logs work and answers its id; `timeSpent` as Jira writes it, `3h 20m`. */
  async logWork(id: string, work: { readonly timeSpent: string; readonly comment?: unknown }): Promise<string> {
    return idOnly.parse(await this.#call('POST', `/issue/${id}/worklog`, work)).id;
  }

  async editWork(
    id: string,
    of: string,
    work: { readonly timeSpent?: string; readonly comment?: unknown },
  ): Promise<void> {
    await this.#call('PUT', `/issue/${id}/worklog/${of}`, work);
  }

  async removeWork(id: string, of: string): Promise<void> {
    await this.#call('DELETE', `/issue/${id}/worklog/${of}`);
  }

  async attachments(id: string): Promise<readonly PersonAttachment[]> {
    return parts.parse(await this.#call('GET', `/issue/${id}?fields=attachment,issuelinks`)).fields.attachment;
  }

  /** Attaches a file and answers its id. */
  async attach(
    id: string,
    file: { readonly filename: string; readonly bytes: Uint8Array<ArrayBuffer> | string; readonly mimeType?: string },
  ): Promise<string> {
    const form = new FormData();
    form.append('file', new Blob([file.bytes], { type: file.mimeType ?? 'application/octet-stream' }), file.filename);
    const answer = z.array(idOnly).parse(await this.#call('POST', `/issue/${id}/attachments`, form));
    return answer[0]?.id ?? '';
  }

  /** The bytes of an attachment, without the way over the media host. */
  async download(attachment: string): Promise<Uint8Array> {
    const response = await this.#send('GET', `/attachment/content/${attachment}?redirect=false`);
    return new Uint8Array(await response.arrayBuffer());
  }

  async removeAttachment(attachment: string): Promise<void> {
    await this.#call('DELETE', `/attachment/${attachment}`);
  }

  async links(id: string): Promise<readonly PersonLink[]> {
    return parts.parse(await this.#call('GET', `/issue/${id}?fields=attachment,issuelinks`)).fields.issuelinks;
  }

  /** Says "source {type's outward words} destination". */
  async link(source: string, type: string, destination: string): Promise<void> {
    await this.#call('POST', '/issueLink', {
      type: { name: type },
      inwardIssue: { id: source },
      outwardIssue: { id: destination },
    });
  }

  async unlink(link: string): Promise<void> {
    await this.#call('DELETE', `/issueLink/${link}`);
  }

  /** Makes a link to a page outside, or changes the one of that global id. */
  async remoteLink(
    id: string,
    { globalId, ...object }: { readonly url: string; readonly title: string; readonly globalId?: string },
  ): Promise<void> {
    await this.#call('POST', `/issue/${id}/remotelink`, { ...(globalId === undefined ? {} : { globalId }), object });
  }

  async remoteLinks(id: string): Promise<readonly PersonRemoteLink[]> {
    return z.array(remoteLink).parse(await this.#call('GET', `/issue/${id}/remotelink`));
  }

  async watch(id: string): Promise<void> {
    await this.#call('POST', `/issue/${id}/watchers`);
  }

  async vote(id: string): Promise<void> {
    await this.#call('POST', `/issue/${id}/votes`);
  }

  /** Archives a project, or restores it; only administrators may. */
  async setArchived(project: string, archived: boolean): Promise<void> {
    await this.#call('POST', `/project/${project}/${archived ? 'archive' : 'restore'}`);
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const text = await (await this.#send(method, path, body)).text();
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }

  async #send(method: string, path: string, body?: unknown): Promise<Response> {
    const isForm = body instanceof FormData;
    const response = await fetch(`${this.#address}/rest/api/3${path}`, {
      method,
      headers: {
        authorization: this.#authorization,
        accept: 'application/json',
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
        ...(isForm ? { 'x-atlassian-token': 'no-check' } : {}),
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    if (!response.ok) throw new SiteRefused(response.status, sentenceOf(await response.text(), response.status));
    return response;
  }
}

function sentenceOf(text: string, status: number): string {
  try {
    const said = failure.parse(JSON.parse(text));
    const sentences = [...(said.errorMessages ?? []), ...Object.values(said.errors ?? {})];
    if (sentences.length > 0) return sentences.join(' ');
  } catch {
    // Not Jira's error shape: the status alone has to do.
  }
  return `The site answered ${status}.`;
}
