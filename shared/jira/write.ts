import { issueId } from '../model/ids.ts';
import type { IssueId, ProjectKey } from '../model/ids.ts';
import type { Marker, Replica } from '../model/replica.ts';
import type { IssuePlace, WriteResult } from '../ports.ts';
import type { Code } from '../verdict.ts';
import { isFileUnknown, MARKER_KEY, parseCreatedIssue, parseRefusal } from '../wire/jira.ts';
import { target, write } from './call.ts';
import type { Answer, Site } from './call.ts';
import { isIssueGone } from './gone.ts';
import { fieldsToWrite, listOperations, refusedFields, refusedMedia, withoutRefused } from './fields.ts';
import type { FieldsToWrite, Refused, WriteFacts } from './fields.ts';
import {
  createScreen,
  editScreen,
  forget,
  issueTypesOf,
  readTransitions,
  siteFields,
  sprintsOf,
  typeNamed,
} from './meta.ts';
import type { MetaCache } from './meta.ts';

/** Refusals of one act: the twin goes on without it. Everything else is thrown. */
export const REFUSALS = [400, 403, 404, 413, 422];

type Fields = FieldsToWrite['fields'];
/** A result as it is built: with no field refused, the member is absent. */
type Refusal = Extract<WriteResult, { readonly ok: false }>;

/** Creates an issue with its marker. Without a summary or a type that the site takes, nothing is created. */
export async function createIssue(
  site: Site,
  cache: MetaCache,
  project: ProjectKey,
  replica: Replica,
  marker: Marker,
): Promise<WriteResult & { readonly issue?: IssueId }> {
  const isSubtask = (replica.parent ?? null) !== null && (await isSubtaskType(site, cache, project, replica.issueType));
  const type = typeNamed(await issueTypesOf(site, cache, project), replica.issueType, isSubtask);
  if (type === undefined || type.name !== replica.issueType)
    return failed('value-unknown', { issueType: 'value-unknown' });
  const screen = await createScreen(site, cache, project, type.id);
  const wanted = fieldsToWrite(replica, screen, {
    issueTypeId: type.id,
    ...(await sprintFacts(site, cache, project, replica)),
  });
  const properties = [{ key: MARKER_KEY, value: marker }];
  const needed = ['summary', 'issuetype', ...(isSubtask ? ['parent'] : [])];
  const written = await writeFields(site, cache, wanted, needed, (fields) =>
    write(site, 'new', {
      method: 'POST',
      target: target('/issue'),
      body: { fields: { project: { key: project }, ...fields }, properties },
      accept: REFUSALS,
    }),
  );
  const result = await withParentGone(site, replica, written.result);
  return written.answer === undefined ? result : { ...result, issue: parseCreatedIssue(written.answer.body) };
}

/** A story beneath an epic has a parent and is no sub-task. */
async function isSubtaskType(site: Site, cache: MetaCache, project: ProjectKey, name: string | undefined) {
  const types = await issueTypesOf(site, cache, project);
  return types.some((type) => type.name === name && type.isSubtask);
}

/** The sprints of a project, when one of them is to be written. */
async function sprintFacts(
  site: Site,
  cache: MetaCache,
  project: ProjectKey,
  { sprint }: Replica,
): Promise<WriteFacts> {
  return typeof sprint === 'string' ? { sprints: await sprintsOf(site, cache, project) } : {};
}

/**
 * Changes fields of an issue; those that the screen refuses are left out and said. Lists change element by element against what was
 * `seen`: written as a whole they would take away what somebody adds meanwhile.
 */
export async function editIssue(
  site: Site,
  cache: MetaCache,
  { issue, project }: IssuePlace,
  replica: Replica,
  seen: Replica = {},
): Promise<WriteResult> {
  const facts = await sprintFacts(site, cache, project, replica);
  const screen = await editScreen(site, cache, issue);
  const wanted = fieldsToWrite(replica, screen, facts);
  const operations = listOperations(replica, seen, screen);
  const path = target('/issue/{}', [issue], { notifyUsers: 'true' });
  const { result } = await writeFields(site, cache, wanted, [], (fields) =>
    write(site, issue, { method: 'PUT', target: path, body: bodyOf(fields, operations), accept: REFUSALS }),
  );
  return withParentGone(site, replica, result);
}

/** Jira says of a parent that is gone no more than that it takes none such: it is asked whether that is why. */
async function withParentGone(site: Site, { parent }: Replica, result: WriteResult): Promise<WriteResult> {
  if (result.refusedFields?.parent === undefined || typeof parent !== 'string') return result;
  if (!(await isIssueGone(site, issueId(parent)))) return result;
  const refusedFields = { ...result.refusedFields, parent: 'parent-not-synced' as const };
  return result.ok ? { ...result, refusedFields } : { ...result, code: 'parent-not-synced', refusedFields };
}

/** The body of an edit: what has operations is no field. */
function bodyOf(all: Fields, operations: Fields): { readonly fields: Fields; readonly update?: Fields } {
  const isList = ([id]: readonly [string, unknown]): boolean => operations[id] !== undefined;
  const fields = Object.fromEntries(Object.entries(all).filter((one) => !isList(one)));
  const update = Object.fromEntries(Object.entries(operations).filter(([id]) => all[id] !== undefined));
  return Object.keys(update).length === 0 ? { fields } : { fields, update };
}

/**
 * Sends fields; when Jira names some that it does not take, once more without them. With `needed` among those there is nothing to
 * send. The answer is there when the write was taken.
 */
async function writeFields(
  site: Site,
  cache: MetaCache,
  wanted: FieldsToWrite,
  needed: readonly string[],
  send: (fields: Fields) => Promise<Answer>,
): Promise<{ readonly result: WriteResult; readonly answer?: Answer }> {
  const canSend = (fields: Fields): boolean =>
    Object.keys(fields).length > 0 && needed.every((name) => fields[name] !== undefined);
  if (!canSend(wanted.fields)) return { result: failed(codeOf(wanted.refused), wanted.refused) };
  const first = await send(wanted.fields);
  if (isTaken(first)) return { result: taken(wanted.refused), answer: first };
  // What was believed of the screens may be out of date.
  forget(cache, site);
  const known = await siteFields(site, cache);
  const said =
    first.status !== 400
      ? {}
      : isFileUnknown(first.body)
        ? refusedMedia(wanted.fields, known)
        : refusedFields(parseRefusal(first.body), known);
  const refused = { ...wanted.refused, ...said };
  if (Object.keys(said).length === 0) return { result: failed(refusalOf(first), wanted.refused) };
  const rest = withoutRefused(wanted.fields, said, known);
  if (!canSend(rest)) return { result: failed(codeOf(refused), refused) };
  const second = await send(rest);
  if (isTaken(second)) return { result: taken(refused), answer: second };
  return { result: failed(refusalOf(second), refused) };
}

/** Moves an issue through a transition; `replica` is what the transition's screen gets. */
export async function transition(
  site: Site,
  cache: MetaCache,
  issue: IssueId,
  id: string,
  replica: Replica,
): Promise<WriteResult> {
  const path = target('/issue/{}/transitions', [issue]);
  const isPlain = Object.keys(replica).length === 0;
  const wanted = isPlain ? undefined : await onScreenOf(site, cache, issue, id, replica);
  const answer = await write(site, issue, {
    method: 'POST',
    target: path,
    body: { transition: { id }, ...(wanted === undefined ? {} : { fields: wanted.fields }) },
    accept: REFUSALS,
  });
  if (isTaken(answer)) return { ok: true };
  // A transition whose screen asks for a field, or that is not offered any more.
  return failed(answer.status === 400 ? 'status-unreachable' : refusalOf(answer));
}

/** What a transition's own screen takes of a replica. */
async function onScreenOf(site: Site, cache: MetaCache, issue: IssueId, id: string, replica: Replica) {
  const way = (await readTransitions(site, cache, issue)).find((one) => one.id === id);
  return fieldsToWrite(replica, way?.screen ?? new Map());
}

/** Deletes an issue, but never its sub-tasks with it: Jira refuses one that has any. Gone already counts as done. */
export async function deleteIssue(site: Site, issue: IssueId): Promise<WriteResult> {
  const path = target('/issue/{}', [issue], { deleteSubtasks: 'false' });
  const answer = await write(site, issue, { method: 'DELETE', target: path, accept: REFUSALS });
  return answer.status === 404 ? { ok: true } : plainResult(answer);
}

/** Takes our marker out of an issue. None there, or no issue, counts as done. */
export async function removeMarker(site: Site, issue: IssueId): Promise<WriteResult> {
  const path = target('/issue/{}/properties/{}', [issue, MARKER_KEY]);
  const answer = await write(site, issue, { method: 'DELETE', target: path, accept: REFUSALS });
  return answer.status === 404 ? { ok: true } : plainResult(answer);
}

/** Taken, or refused with a code. */
export function plainResult(answer: Answer): WriteResult {
  return isTaken(answer) ? { ok: true } : failed(refusalOf(answer));
}

function isTaken({ status }: Answer): boolean {
  return status < 300;
}

/** The code of a refusal that says no more than its status, or that a text shows a file which the site does not have. */
export function refusalOf({ status, body }: Answer): Code {
  if (status === 400 && isFileUnknown(body)) return 'rich-text-media';
  if (status === 403) return 'jira-forbidden';
  return status === 404 ? 'jira-not-found' : 'jira-refused';
}

function codeOf(refused: Refused): Code {
  return Object.values(refused)[0] ?? 'jira-refused';
}

function failed(code: Code, refused: Refused = {}): Refusal {
  return Object.keys(refused).length === 0 ? { ok: false, code } : { ok: false, code, refusedFields: refused };
}

function taken(refused: Refused): WriteResult {
  return Object.keys(refused).length === 0 ? { ok: true } : { ok: true, refusedFields: refused };
}
