import { isDeepStrictEqual as isEqual } from 'node:util';
import { mediaIn } from '../../shared/adf/media.ts';
import type { AdfDoc } from '../../shared/model/adf.ts';
import { otherSide, type Side } from '../../shared/model/connection.ts';
import {
  accountId,
  attachmentId,
  commentId,
  issueId,
  issueKey,
  projectKey,
  valueHash,
  worklogId,
  type AttachmentId,
  type CommentId,
  type ValueHash,
  type WorklogId,
} from '../../shared/model/ids.ts';
import type {
  Abilities,
  MediaAsk,
  Plan,
  Settled,
  SideView,
  Step,
  StepResult,
  SyncInput,
  Work,
} from '../../shared/model/plan.ts';
import { isFieldName, isSetField, type FieldName } from '../../shared/model/field.ts';
import type {
  JiraAttachment,
  JiraComment,
  JiraIssue,
  JiraWorklog,
  Marker,
  Replica,
  Visibility,
} from '../../shared/model/replica.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { TwinMemory } from '../../shared/model/twin.ts';
import type { Code } from '../../shared/verdict.ts';
import { planSync } from '../../shared/sync/plan.ts';
import { needsMedia } from '../../shared/sync/privateFiles.ts';
import { settleTwin } from '../../shared/sync/settle.ts';
import { hashNow } from '../../shared/sync/view.ts';
import { hashOfPart } from '../../shared/sync/echo.ts';
import { abilitiesWith, frozen, issueOn, issueWith, memoryWith, rulesWith } from './syncBuilders.ts';

/**
 * Two tiny sites in memory and a shell around the engine. The sites behave like Jira where it matters: they rewrite documents a
 * little, note when a field changed whoever did it, and refuse what they do not know. Every act of the sync that would take
 * something from people throws.
 */
export interface Site {
  issue: JiraIssue | 'absent' | 'gone';
  comments: { comment: JiraComment; marker?: Marker }[];
  worklogs: { worklog: JiraWorklog; marker?: Marker }[];
  files: { file: JiraAttachment; bytes: string }[];
  /** Seconds that remain, as logging work with `auto` changes them. */
  remaining: number;
  /** Roles and groups that this site does not know, as the rules' table writes them. */
  unknownAudiences: Set<string>;
  abilities: Abilities;
  issueMarker?: Marker;
  /** Labels that the sync itself put there. */
  syncLabels: Set<string>;
  /** Links that the sync itself put there. */
  syncElements: Set<string>;
  /** Fields that this site refuses although the screen offers them. */
  refuses: Partial<Record<FieldName, Code>>;
  /** Why this site takes no file now. */
  refusesFiles?: Code | undefined;
}

/** How far a round comes: all of it, or a stop after some steps. */
export type Round =
  | { readonly stop: 'none' }
  /** The shell notices: steps before `after` have results, the next one ran without result, and the rest did not run. */
  | { readonly stop: 'soft'; readonly after: number }
  /** The process dies after `after` steps; the intent had been stored before. */
  | { readonly stop: 'hard'; readonly after: number }
  /** The same without a stored intent. */
  | { readonly stop: 'blind'; readonly after: number };

/** Rounds that any quiet pair must reach rest in; three are enough in practice, ten leave room for blocked fields. */
const roundLimit = 10;

export class World {
  readonly sites: Record<Side, Site>;
  rules: Record<Side, RuleDocument>;
  memory: TwinMemory = memoryWith();
  /** What each side showed at the last settle, as the shell stores it. */
  base: SyncInput['base'];
  counterparts: SyncInput['counterparts'];
  now = 100_000;
  /** True when a site tells the media id of a file only to who asks for that file. */
  hidesMedia = false;
  /** How many files were asked for their media id. */
  asked = 0;
  #nextId = 100;
  /** Comments that a person has opened to everybody. */
  readonly opened = new Set<CommentId>();
  /** Everything that the sync did, in order. */
  readonly done: Step[] = [];

  constructor(
    more: { rules?: Record<Side, RuleDocument>; a?: Partial<Site>; b?: Partial<Site>; fields?: Replica } = {},
  ) {
    const site = (): Site => ({
      issue: 'absent',
      comments: [],
      worklogs: [],
      files: [],
      remaining: 36_000,
      unknownAudiences: new Set(),
      abilities: abilitiesWith(),
      syncLabels: new Set(),
      syncElements: new Set(),
      refuses: {},
    });
    this.sites = { a: { ...site(), issue: issueWith(more.fields), ...more.a }, b: { ...site(), ...more.b } };
    this.rules = more.rules ?? { a: rulesWith(), b: rulesWith() };
  }

  issue(side: Side): JiraIssue {
    const { issue } = this.sites[side];
    if (typeof issue === 'string') throw new Error(`no issue on ${side}`);
    return issue;
  }

  /** A write to fields; the changelog notes it, and by whom. What the app writes without changing it is not noted. */
  set(side: Side, fields: Replica, by: 'person' | 'app' = 'person'): void {
    const issue = this.issue(side);
    this.now += 10;
    const all = Object.keys(fields) as FieldName[];
    const names = by === 'person' ? all : all.filter((name) => !isEqual(issue.fields[name], fields[name]));
    const changed = Object.fromEntries(names.map((name) => [name, this.now]));
    const others = (issue.changedByApp ?? []).filter((name) => !names.includes(name));
    this.sites[side].issue = {
      ...issue,
      updatedAt: this.now,
      fields: { ...issue.fields, ...fields },
      changedAt: { ...issue.changedAt, ...changed },
      changedByApp: by === 'app' ? [...others, ...names] : others,
      ...(by === 'app' ? { appChangedAt: { ...issue.appChangedAt, ...changed } } : {}),
      putByPeople: { ...issue.putByPeople, ...putAfter(issue, fields, by) },
    };
  }

  /** The hash of what a side shows of a field. */
  hash(side: Side, field: FieldName): ValueHash {
    const hash = hashNow(this.issue(side), field);
    if (hash === undefined) throw new Error(`${side} shows no ${field}`);
    return hash;
  }

  comment(side: Side, body: AdfDoc | null, more: Partial<JiraComment> = {}, marker?: Marker): CommentId {
    this.now += 10;
    this.#nextId += 1;
    const id = commentId(String(this.#nextId));
    const comment = { id, author: null, createdAt: this.now, updatedAt: this.now, body, isRestricted: false, ...more };
    this.sites[side].comments.push(marker === undefined ? { comment } : { comment, marker });
    return id;
  }

  editComment(side: Side, id: CommentId, more: Partial<JiraComment>): void {
    this.now += 10;
    const entry = this.sites[side].comments.find(({ comment }) => comment.id === id);
    if (entry !== undefined) entry.comment = { ...entry.comment, ...more, updatedAt: this.now };
  }

  deleteComment(side: Side, id: CommentId): void {
    const { comments } = this.sites[side];
    this.sites[side].comments = comments.filter(({ comment }) => comment.id !== id);
  }

  worklog(side: Side, more: Partial<JiraWorklog> = {}, marker?: Marker): WorklogId {
    this.now += 10;
    this.#nextId += 1;
    const id = worklogId(String(this.#nextId));
    const worklog: JiraWorklog = {
      ...{ id, author: null, createdAt: this.now, updatedAt: this.now, startedAt: this.now, spentSeconds: 3_600 },
      ...{ body: null, isRestricted: false },
      ...more,
    };
    this.sites[side].worklogs.push(marker === undefined ? { worklog } : { worklog, marker });
    return id;
  }

  editWorklog(side: Side, id: WorklogId, more: Partial<JiraWorklog>): void {
    this.now += 10;
    const entry = this.sites[side].worklogs.find(({ worklog }) => worklog.id === id);
    if (entry !== undefined) entry.worklog = { ...entry.worklog, ...more, updatedAt: this.now };
  }

  deleteWorklog(side: Side, id: WorklogId): void {
    this.sites[side].worklogs = this.sites[side].worklogs.filter(({ worklog }) => worklog.id !== id);
  }

  /** The copies of one worklog on the other side. */
  worklogCopies(side: Side, id: WorklogId): readonly JiraWorklog[] {
    return this.sites[otherSide(side)].worklogs
      .filter(({ marker }) => marker?.source === id)
      .map(({ worklog }) => worklog);
  }

  /** A person, or with `author: robot` the app, attaches a file. */
  attach(side: Side, name: string, bytes: string, more: Partial<JiraAttachment> = {}): AttachmentId {
    this.now += 10;
    this.#nextId += 1;
    const id = attachmentId(String(this.#nextId));
    const file: JiraAttachment = {
      ...{ id, author: null, createdAt: this.now, name, type: 'text/plain', bytes: bytes.length },
      ...{ media: `media-${id}`, isRestricted: false },
      ...more,
    };
    this.sites[side].files.push({ file, bytes });
    return id;
  }

  detach(side: Side, id: AttachmentId): void {
    this.sites[side].files = this.sites[side].files.filter(({ file }) => file.id !== id);
  }

  view(side: Side): SideView {
    const { abilities } = this.sites[side];
    // The shell reads only the issue that it knows of; one that was made without being recorded is found by its marker later.
    const isKnown = this.memory[side] !== undefined;
    const issue = isKnown ? this.sites[side].issue : 'absent';
    const comments = isKnown ? this.sites[side].comments : [];
    const traced = new Set(this.memory.comments.map((trace) => trace[side]));
    const markers = comments.flatMap(({ comment, marker }) =>
      marker === undefined || traced.has(comment.id) ? [] : [[comment.id, marker] as const],
    );
    const exists = typeof issue !== 'string';
    const worklogs = isKnown ? this.sites[side].worklogs : [];
    const tracedWork = new Set((this.memory.worklogs ?? []).map((trace) => trace[side]));
    const worklogMarkers = worklogs.flatMap(({ worklog, marker }) =>
      marker === undefined || tracedWork.has(worklog.id) ? [] : [[worklog.id, marker] as const],
    );
    const parts = {
      worklogs: worklogs.map(({ worklog }) => worklog),
      worklogMarkers: new Map(worklogMarkers),
      attachments: isKnown ? this.sites[side].files.map(({ file }) => this.#shown(side, file)) : [],
    };
    return frozen({
      ...(exists ? parts : {}),
      issue,
      comments: comments.map(({ comment }) => comment),
      markers: new Map(markers),
      abilities: exists ? abilities : { ...abilities, editable: [], transitions: [] },
    });
  }

  input(): SyncInput {
    const { memory, rules, base, counterparts } = this;
    const known = { ...(base === undefined ? {} : { base }), ...(counterparts === undefined ? {} : { counterparts }) };
    return this.#told(frozen({ memory, a: this.view('a'), b: this.view('b'), rules, ...known }));
  }

  /** The file as it is read: what the memory knows of it is not asked for again. */
  #shown(side: Side, file: JiraAttachment): JiraAttachment {
    const trace = (this.memory.files ?? []).find((one) => one[side] === file.id);
    const { media: _, ...bare } = file;
    const media = side === 'a' ? trace?.aMedia : trace?.bMedia;
    return !this.hidesMedia ? file : media === undefined ? bare : { ...bare, media: media === '' ? null : media };
  }

  /** The input with what the plan asks the sites for, as the shell does it. */
  #told(input: SyncInput): SyncInput {
    if (!this.hidesMedia) return input;
    let known = input;
    for (const side of ['a', 'b'] as const) known = this.#asked(known, { side, files: needsMedia(known[side]) });
    for (let pass = 0; pass < 2; pass += 1) {
      for (const ask of planSync(known).asks ?? []) known = this.#asked(known, ask);
    }
    return known;
  }

  #asked(input: SyncInput, { side, files, seeking }: MediaAsk): SyncInput {
    let known = input;
    const sought = new Set(seeking);
    for (const id of files) {
      if (seeking !== undefined && sought.size === 0) break;
      this.asked += 1;
      const media = this.sites[side].files.find(({ file }) => file.id === id)?.file.media ?? null;
      sought.delete(media ?? '');
      const view: SideView = known[side];
      const attachments = (view.attachments ?? []).map((file) => (file.id === id ? { ...file, media } : file));
      known = frozen({ ...known, [side]: { ...view, attachments } });
    }
    return known;
  }

  /** A document may show files of its site, and what it showed before. */
  #demandShown(side: Side, body: AdfDoc | null | undefined, before: AdfDoc | null | undefined): void {
    const { files } = this.sites[side];
    const there = new Set([...files.map(({ file }) => file.media), ...(before ? mediaIn(before) : [])]);
    for (const id of body ? mediaIn(body) : [])
      if (!there.has(id)) throw new Error(`the sync shows ${id} on ${side}, which has no such file`);
  }

  plan(): Plan {
    return planSync(this.input());
  }

  /** One turn of the shell: read, decide, act, settle. Returns the plan. */
  round(how: Round = { stop: 'none' }): Plan {
    const input = this.input();
    const plan = frozen(planSync(input));
    if (how.stop === 'hard') this.memory = settleTwin(input, plan, []).memory;
    const until = how.stop === 'none' ? plan.steps.length : how.after;
    const results = this.#carryOut(plan.steps.slice(0, until + (how.stop === 'none' ? 0 : 1)));
    if (how.stop === 'none') this.#keep(settleTwin(input, plan, results));
    if (how.stop === 'soft') this.#keep(settleTwin(input, plan, results.slice(0, until)));
    return plan;
  }

  #keep({ memory, copies }: Settled): void {
    this.memory = memory;
    this.base = copies ?? this.base;
  }

  /** After an issue that was found instead of made, the plan is old. */
  #carryOut(steps: readonly Step[]): readonly StepResult[] {
    const results: StepResult[] = [];
    for (const step of steps) {
      const result = this.act(step);
      results.push(result);
      if (result.ok && result.found === true) break;
    }
    return results;
  }

  /** Rounds until there is nothing to do; throws when the pair does not come to rest. */
  quiesce(): void {
    for (let round = 0; round < roundLimit; round += 1) {
      const { steps, again } = this.round();
      if (steps.length === 0 && !again) return;
    }
    throw new Error(`no rest after ${roundLimit} rounds: ${JSON.stringify(this.plan().steps)}`);
  }

  /** What the site does with one step. */
  act(step: Step): StepResult {
    this.done.push(step);
    const { key, side } = step;
    const site = this.sites[side];
    switch (step.kind) {
      case 'create-issue':
        return this.#create(step);
      case 'edit-issue': {
        const refusedFields = this.#refused(site, step.fields);
        this.#keepPeoplesLabels(site, this.issue(side).fields.labels ?? [], step.fields.labels);
        this.#demandShown(side, step.fields.description, this.issue(side).fields.description);
        this.set(side, asStored(without(step.fields, refusedFields)), 'app');
        return Object.keys(refusedFields).length === 0 ? { key, ok: true } : { key, ok: true, refusedFields };
      }
      case 'transition': {
        const code = site.refuses['status'];
        if (code !== undefined) return { key, ok: false, code };
        this.set(side, { ...step.fields, status: step.to }, 'app');
        return { key, ok: true };
      }
      case 'link': {
        const before = this.issue(side).fields[step.field] ?? [];
        const rest = before.filter((element) => element !== step.element);
        if (step.act === 'remove' && !site.syncElements.has(step.element))
          throw new Error('the sync removes a link of a person');
        if (step.act === 'add') site.syncElements.add(step.element);
        this.set(side, { [step.field]: step.act === 'remove' ? rest : [...rest, step.element].sort() }, 'app');
        return { key, ok: true };
      }
      case 'add-comment': {
        if (this.#isUnknown(side, step)) return { key, ok: false, code: 'visibility-unknown' };
        this.#demandShown(side, step.body, null);
        const comment = this.comment(side, asStoredDoc(step.body), readers(step), step.marker);
        return { key, ok: true, comment };
      }
      case 'edit-comment': {
        const entry = site.comments.find(({ comment }) => comment.id === step.comment);
        if (entry === undefined) return { key, ok: false, code: 'jira-not-found' };
        if (this.#isUnknown(side, step)) return { key, ok: false, code: 'visibility-unknown' };
        if (entry.comment.isRestricted && step.visibility === undefined)
          throw new Error('an edit does not open a comment');
        this.#demandShown(side, step.body, entry.comment.body);
        this.editComment(side, step.comment, { body: asStoredDoc(step.body), ...readers(step) });
        return { key, ok: true };
      }
      case 'delete-issue':
        site.issue = 'gone';
        return { key, ok: true };
      case 'delete-comment': {
        const entry = site.comments.find(({ comment }) => comment.id === step.comment);
        if (entry === undefined) return { key, ok: false, code: 'jira-not-found' };
        if (entry.marker?.twin !== this.memory.twin) throw new Error('the sync deletes a comment of a person');
        this.deleteComment(side, step.comment);
        return { key, ok: true };
      }
      case 'add-worklog': {
        if (this.#isUnknown(side, step.work)) return { key, ok: false, code: 'visibility-unknown' };
        this.#demandShown(side, step.work.body, null);
        if (step.adjust === 'auto') site.remaining -= step.work.spentSeconds;
        return { key, ok: true, worklog: this.worklog(side, asWorked(step.work), step.marker) };
      }
      case 'edit-worklog': {
        if (!site.worklogs.some(({ worklog }) => worklog.id === step.worklog))
          return { key, ok: false, code: 'jira-not-found' };
        if (this.#isUnknown(side, step.work)) return { key, ok: false, code: 'visibility-unknown' };
        this.editWorklog(side, step.worklog, asWorked(step.work));
        return { key, ok: true };
      }
      case 'delete-worklog': {
        const entry = site.worklogs.find(({ worklog }) => worklog.id === step.worklog);
        if (entry === undefined) return { key, ok: false, code: 'jira-not-found' };
        if (entry.marker?.twin !== this.memory.twin) throw new Error('the sync deletes a worklog of a person');
        this.deleteWorklog(side, step.worklog);
        return { key, ok: true };
      }
      case 'add-attachment':
        return this.#upload(step);
      case 'delete-attachment': {
        const entry = site.files.find(({ file }) => file.id === step.attachment);
        if (entry === undefined) return { key, ok: false, code: 'jira-not-found' };
        if (entry.file.author !== robot) throw new Error('the sync deletes a file of a person');
        this.detach(side, step.attachment);
        return { key, ok: true };
      }
    }
  }

  /** Takes a file with the same bytes for the one that is sent; else it is uploaded. */
  #upload({ key, side, source, candidates, onlyFind }: Step & { readonly kind: 'add-attachment' }): StepResult {
    const sent = this.sites[otherSide(side)].files.find(({ file }) => file.id === source.id);
    if (sent === undefined) return { key, ok: false, code: 'jira-not-found' };
    const { bytes } = sent;
    const refusal = this.sites[side].refusesFiles;
    if (refusal !== undefined) return { key, ok: false, code: refusal };
    const content = valueHash(hashOfPart(bytes));
    const alike = this.sites[side].files.find(
      ({ file, bytes: there }) => candidates.includes(file.id) && there === bytes,
    );
    if (alike !== undefined) return { key, ok: true, attachment: alike.file.id, content, found: true };
    if (onlyFind === true) return { key, ok: false, code: 'attachment-restricted' };
    return { key, ok: true, attachment: this.attach(side, source.name, bytes, { author: robot }), content };
  }

  #isUnknown(side: Side, { visibility }: { readonly visibility?: Visibility }): boolean {
    return visibility !== undefined && this.sites[side].unknownAudiences.has(`${visibility.type}:${visibility.name}`);
  }

  #create(step: Step & { readonly kind: 'create-issue' }): StepResult {
    const { key, side } = step;
    const site = this.sites[side];
    const id = issueId(issueOn[side]);
    if (site.issue !== 'absent') return { key, ok: true, issue: id, found: true };
    const refusedFields = this.#refused(site, step.fields);
    this.#demandShown(side, step.fields.description, null);
    const fields = asStored(without(step.fields, refusedFields));
    this.now += 10;
    site.issueMarker = step.marker;
    site.syncLabels = new Set(fields.labels);
    const born: Partial<JiraIssue> = {
      id,
      key: issueKey('TWO-1'),
      projectKey: projectKey('TWO'),
      createdAt: this.now,
      updatedAt: this.now,
    };
    site.issue = issueWith(fields, born);
    return { key, ok: true, issue: id, ...(Object.keys(refusedFields).length === 0 ? {} : { refusedFields }) };
  }

  #refused(site: Site, fields: Replica): Partial<Record<FieldName, Code>> {
    return Object.fromEntries(Object.entries(site.refuses).filter(([field]) => field in fields));
  }

  #keepPeoplesLabels(site: Site, before: readonly string[], after: readonly string[] | undefined): void {
    if (after === undefined) return;
    for (const label of before) {
      if (!after.includes(label) && !site.syncLabels.has(label))
        throw new Error(`the sync removes a label of a person`);
    }
    for (const label of after) if (!before.includes(label)) site.syncLabels.add(label);
  }

  /** A person changes labels; what a person puts there is a person's. */
  setLabels(side: Side, labels: readonly string[]): void {
    const before = this.issue(side).fields.labels ?? [];
    for (const label of labels) if (!before.includes(label)) this.sites[side].syncLabels.delete(label);
    this.set(side, { labels: [...labels].sort() });
  }

  /** The copies of one comment on the other side. */
  copiesOf(side: Side, id: CommentId): readonly JiraComment[] {
    return this.sites[otherSide(side)].comments
      .filter(({ marker }) => marker?.source === id)
      .map(({ comment }) => comment);
  }
}

/** Whose the elements of the sets are that a change has written. */
function putAfter(
  { fields: before, putByPeople }: JiraIssue,
  after: Replica,
  by: 'person' | 'app',
): Readonly<Partial<Record<FieldName, readonly string[]>>> {
  return Object.fromEntries(
    Object.entries(after).flatMap(([name, value]) => {
      if (!Array.isArray(value) || !isFieldName(name) || !isSetField(name)) return [];
      const was = (before[name] ?? []) as readonly string[];
      const arrived = (value as readonly string[]).filter((element) => !was.includes(element));
      const others = (putByPeople?.[name] ?? []).filter((element) => !arrived.includes(element));
      return [[name, by === 'app' ? others : [...others, ...arrived]]];
    }),
  );
}

/** The account of the app on both sites. */
export const robot = accountId('account-app');

function readers({
  visibility,
}: {
  readonly visibility?: Visibility;
}): Pick<JiraComment, 'isRestricted' | 'visibility'> {
  return visibility === undefined ? { isRestricted: false } : { isRestricted: true, visibility };
}

/** Jira keeps whole minutes. */
function asWorked({ startedAt, spentSeconds, body, visibility }: Work): Partial<JiraWorklog> {
  const seconds = Math.floor(spentSeconds / 60) * 60;
  const stored = body === null ? null : asStoredDoc(body);
  return { startedAt, spentSeconds: seconds, body: stored, ...readers(visibility === undefined ? {} : { visibility }) };
}

function without(fields: Replica, refused: Partial<Record<FieldName, Code>>): Replica {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => !(field in refused)));
}

function asStored(fields: Replica): Replica {
  const { description } = fields;
  return description === undefined || description === null
    ? fields
    : { ...fields, description: asStoredDoc(description) };
}

/** Jira gives blocks a local id of its own and returns attributes in its own order. */
function asStoredDoc(body: AdfDoc): AdfDoc {
  return {
    ...body,
    content: body.content.map((node, at) => ({ ...node, attrs: { ...node.attrs, localId: `local-${at}` } })),
  };
}
