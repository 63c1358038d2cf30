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

const commentPage = z.object({ comments: z.array(comment), total: z.number(), startAt: z.number() });
const transitions = z.object({ transitions: z.array(z.object({ id: z.string(), name: z.string(), to: named })) });
const bulk = z.object({ issues: z.array(issue) });
const failure = z.object({
  errorMessages: z.array(z.string()).optional(),
  errors: z.record(z.string(), z.string()).optional(),
});

export type PersonIssue = z.infer<typeof issue>;
export type PersonComment = z.infer<typeof comment>;

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

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.#address}/rest/api/3${path}`, {
      method,
      headers: {
        authorization: this.#authorization,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new SiteRefused(response.status, sentenceOf(text, response.status));
    return text === '' ? undefined : (JSON.parse(text) as unknown);
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
