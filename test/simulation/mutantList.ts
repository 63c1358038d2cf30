/**
 * Broken builds of the engine and its shell: each one takes away something that the product rests on. A patch replaces a text that
 * must be there exactly once, so that a moved line is seen and not skipped.
 */

import type { Family } from './histories.ts';
import { livesMutants } from './lives/mutantList.ts';
import type { Focus } from './script.ts';

/** One broken build. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** A seed that saw it once; tried first. */
  readonly seed?: number;
  /** What the runs are about, where those of the simulation itself seldom come to this. */
  readonly focus?: Focus;
  /** A family of histories by number instead of seeds, where only one await shows what is broken. */
  readonly histories?: Family;
  /** Years of tenants' lives instead, or restores of them. */
  readonly lives?: 'year' | 'restores';
}

/** Comments, their copies, and answers that get lost. */
const COMMENTS: Focus = {
  deeds: { comment: 2, 'edit-copy': 3 },
  faults: { 'jira-timeout': 1 },
  rate: 1.5,
  maxGap: 20,
};
/** Many at work on one thing at once. */
const CROWD: Focus = {
  deeds: { edit: 1, comment: 2 },
  faults: { 'webhook-twice': 3, 'message-twice': 2, 'jira-slow': 1 },
  fields: ['labels', 'summary'],
  rate: 1.5,
  maxGap: 4,
};
/** Workers that stand still for longer than their leases. */
const STALLED: Focus = {
  deeds: { edit: 1, comment: 2 },
  faults: { stall: 3, 'webhook-twice': 1 },
  fields: ['labels', 'summary'],
  rate: 1.8,
  maxGap: 40,
};
const LABELS: Focus = { deeds: { edit: 1 }, faults: { 'webhook-twice': 1 }, fields: ['labels'], rate: 0.2, maxGap: 40 };
const PARTNER: Focus = { deeds: { edit: 2, create: 1 }, faults: { 'partner-leaves': 1 }, rate: 0.4, maxGap: 40 };
const QUOTAS: Focus = { deeds: { edit: 1 }, faults: { 'jira-429': 1 }, fields: ['summary'], rate: 1.5, maxGap: 60 };
/** Sites that cannot be asked while issues are made. */
const AWAY: Focus = {
  deeds: { create: 3, edit: 1 },
  faults: { 'jira-429': 2, 'jira-503': 2, 'jira-403': 1 },
  rate: 3,
  maxGap: 8,
};
const UNSEEN: Focus = {
  deeds: { comment: 2, 'edit-copy': 2 },
  faults: { 'jira-404': 1 },
  rate: 1.8,
  maxGap: 60,
};
const DELETED: Focus = { deeds: { comment: 1, 'delete-comment': 1 }, faults: { crash: 1 }, rate: 0.1, maxGap: 200 };

/** Rules that change while people work. */
const RULES: Focus = { deeds: { edit: 1 }, faults: { 'rules-published': 1 }, rate: 0.6, maxGap: 60 };
/** Rules that nobody has agreed to. */
const NOT_AGREED: Focus = { deeds: { edit: 1 }, faults: { 'rules-not-agreed': 1 }, rate: 0.6, maxGap: 60 };
const RESTORED: Focus = {
  deeds: { edit: 4, create: 1, comment: 2, 'edit-comment': 1, 'delete-comment': 1, 'delete-copy': 1 },
  faults: { 'site-restored': 1 },
  rate: 0.4,
  maxGap: 200,
};

/** Our own store, put back to an older copy. */
const PUT_BACK: Focus = {
  deeds: { edit: 4, create: 2, comment: 3, 'edit-comment': 2, 'edit-copy': 1 },
  faults: { 'store-restored': 1 },
  rate: 0.4,
  maxGap: 120,
};

/** A site that leaves: for days, until its copies are gone, or for good. */
const SAID = { edit: 4, create: 1, comment: 3, 'edit-comment': 2, 'edit-copy': 1 } as const;
const BACK: Focus = { deeds: SAID, faults: { 'site-back': 1 }, rate: 0.4, maxGap: 80 };
const BACK_LATE: Focus = { ...BACK, faults: { 'site-back-late': 1 } };
const PURGED: Focus = { ...BACK, faults: { 'site-purged': 2, 'message-late': 1, 'message-twice': 1 }, rate: 0.7 };

/** Issues that are tied to others. */
const LINKS: Focus = {
  ...{ deeds: { edit: 4, create: 1 }, fields: ['links'], shares: { more: ['links'] } },
  ...{ faults: { 'webhook-twice': 1 }, rate: 0.1, maxGap: 200 },
};
const PARENTS: Focus = { ...LINKS, deeds: { edit: 1, create: 1 }, fields: ['parent'], shares: { more: ['parent'] } };
/** Comments for some. */
const READERS: Focus = {
  ...{ deeds: { comment: 2, 'edit-comment': 2, 'edit-copy': 1 }, shares: { readers: true } },
  ...{ faults: { 'webhook-twice': 1 }, rate: 0.2, maxGap: 120 },
};
/** Texts that show files. */
const PICTURES: Focus = {
  ...{ deeds: { attach: 1, edit: 2, comment: 1 }, fields: ['description'] },
  ...{ shares: { parts: ['files'], pictures: true }, faults: { 'webhook-twice': 1 }, rate: 0.2, maxGap: 120 },
};
/** Replicas that lag. */
const STALE: Focus = { deeds: { edit: 1 }, faults: { 'stale-read': 1 }, rate: 2, maxGap: 30 };
const STALE_SAID: Focus = {
  deeds: { comment: 3, 'edit-comment': 3, 'edit-copy': 2, 'delete-comment': 2, 'delete-copy': 1 },
  faults: { 'stale-read': 1 },
  rate: 2,
  maxGap: 20,
};

/** The list. */
export const mutants: readonly Mutant[] = [
  {
    name: 'a site that comes back is caught up from its return on',
    seed: 41,
    focus: BACK,
    file: 'functions/sync/partner.ts',
    from: 'Math.max(0, (change.since ?? change.at) - OVERLAP_MS)',
    to: 'Math.max(0, change.at - OVERLAP_MS)',
  },
  {
    name: 'the pairs go with the copies of a site that is away for months',
    seed: 21,
    focus: BACK_LATE,
    file: 'functions/purge/sweep.ts',
    from: 'for (const category of due.categories)',
    to: "for (const category of [...due.categories, ...(due.categories.length > 0 ? (['trace', 'twin', 'link'] as const) : [])])",
  },
  {
    name: 'the fence asks whether a tenant is there, and not in which life',
    seed: 15,
    focus: PURGED,
    file: 'functions/sync/fence.ts',
    from: `  if (row?.state !== 'active') return 'connection-not-active';
  if (row.restored !== undefined) return 'connection-restored';
  return (await tenantFence(reader, row.a)) ?? (await tenantFence(reader, row.b)) ?? row;`,
    to: `  if (row === undefined) return 'connection-not-active';
  const { a, b } = row;
  const sides = await Promise.all([a, b].map(({ tenant }) => reader.read('tenant', { tenant })));
  return sides.every((one) => one?.row.state === 'active' && one.row.licensed) ? row : 'tenant-not-active';`,
  },
  {
    name: 'a purge leaves what hangs on the connections',
    seed: 9,
    focus: PURGED,
    file: 'functions/purge/erase.ts',
    from: 'for await (const { category, items } of listings(work.ports, progress)) {',
    to: "for await (const { category, items } of listings(work.ports, progress)) {\n    if (category === 'trace') continue;",
  },
  {
    name: 'a purge does not tell the partner that it is alone',
    seed: 2,
    focus: PURGED,
    file: 'functions/purge/survey.ts',
    from: "await everyOwned(ports, 'connection', progress.owner, (stored) => leavePartner(ports, progress.owner, stored));",
    to: '',
  },
  {
    name: 'a connection does not rest while a side is away',
    seed: 4,
    focus: BACK,
    file: 'functions/sync/partner.ts',
    from: "const state = isHere.a && isHere.b ? wanted : 'partner-left';",
    to: 'const state = wanted;',
  },
  {
    name: 'what we have just made and a reading does not show counts as taken away',
    file: 'shared/sync/lagging.ts',
    from: ' || lacksMade(views[side], awaits?.[side]);',
    to: ' || (lacksMade(views[side], awaits?.[side]) && now < 0);',
    seed: 9234,
  },
  {
    name: 'an older copy of the store is written from before it is known',
    seed: 5,
    focus: PUT_BACK,
    file: 'functions/sync/event.ts',
    from: 'if (leadsToSites(message) && !(await sync.guard.isSame()))',
    to: 'if (leadsToSites(message) && !((await sync.guard.isSame()) || true))',
  },
  {
    name: 'an older copy of the store begins the next epoch and stops nobody',
    seed: 2,
    focus: PUT_BACK,
    file: 'functions/sync/storeGuard.ts',
    from: 'if (!(await this.#markAll(seen, at))) return false;',
    to: 'if (at < 0 && !(await this.#markAll(seen, at))) return false;',
  },
  {
    name: 'issues that an older copy of the store does not know are made again without a look',
    seed: 4,
    focus: PUT_BACK,
    file: 'functions/sync/bringUnderSync.ts',
    from: 'const isUnsure = isSought === true || fence.storeRestoredAt !== undefined;',
    to: 'const isUnsure = isSought === undefined && fence.storeRestoredAt === 0;',
  },
  {
    name: 'pairs of an older copy of the store go on from what it remembers',
    seed: 6,
    focus: PUT_BACK,
    file: 'functions/sync/restored.ts',
    from: 'dirty: false, attempts: 0, fields: {} };',
    to: 'dirty: false, attempts: 0 };',
  },
  {
    name: 'the birth of a copy that an older store does not know goes over its origin',
    seed: 19,
    focus: PUT_BACK,
    file: 'functions/sync/restored.ts',
    from: '? { creatingAt: LONG_AGO } : { start: keep };',
    to: '? { creatingAt: LONG_AGO, start: keep } : { start: keep };',
  },
  {
    name: 'an adopted copy that we wrote last goes over its original',
    seed: 71,
    focus: PUT_BACK,
    file: 'shared/sync/notes.ts',
    from: 'both[side].editor === us ? now[side] : undefined',
    to: "both[side].editor === us && side === 'a' && side === trace.origin ? now[side] : undefined",
  },
  {
    name: 'nobody looks for the marker before creating an issue again',
    seed: 18,
    file: 'functions/sync/createOnce.ts',
    from: 'const [found] = await site.findMarked(project, hold.place.twin);',
    to: 'const [found] = [] as unknown as Awaited<ReturnType<typeof site.findMarked>>;',
  },
  {
    name: 'issues are created without a marker',
    seed: 18,
    file: 'shared/jira/write.ts',
    from: 'body: { fields: { project: { key: project }, ...fields }, properties },',
    to: 'body: { fields: { project: { key: project }, ...fields } },',
  },
  {
    name: 'comments are created without a marker',
    seed: 18,
    file: 'shared/jira/notes.ts',
    from: `body: { body, properties, ...restriction(visibility) },`,
    to: `body: { body, ...restriction(visibility) },`,
  },
  {
    name: 'a create is not noted before it is made',
    seed: 18,
    file: 'functions/sync/createOnce.ts',
    from: 'sync.settings.leaseMs, { creatingAt: now })',
    to: 'sync.settings.leaseMs, {})',
  },
  {
    name: 'the lag of the search index is not waited out',
    seed: 368,
    file: 'functions/sync/createOnce.ts',
    from: 'if (waitMs > 0) throw',
    to: 'if (waitMs > 1e15) throw',
  },
  {
    name: 'no lease: a twin is taken whoever has it',
    focus: CROWD,
    file: 'functions/sync/take.ts',
    from: 'if (!isHeld(stored.row, now)) {',
    to: 'if (now > 0) {',
  },
  {
    name: 'a lost lease is not noticed',
    seed: 6,
    focus: STALLED,
    file: 'functions/sync/take.ts',
    from: 'if (stored === undefined || lease?.token !== token || lease.until <= sync.clock.now())',
    to: 'if (stored === undefined)',
  },
  {
    name: 'the lease is not looked at between a wait and a write',
    seed: 240,
    focus: STALLED,
    file: 'functions/sync/look.ts',
    from: 'trace, priority, undefined, () => hold.renew());',
    to: 'trace, priority);',
  },
  {
    name: 'no dirty mark on a twin that another worker has',
    seed: 23,
    file: 'functions/sync/take.ts',
    from: 'dirty: true,\n    eventAt: row.eventAt',
    to: 'dirty: false,\n    eventAt: row.eventAt',
  },
  {
    name: 'the dirty mark is not looked at when a twin is settled',
    seed: 23,
    file: 'functions/sync/keep.ts',
    from: "if (settled.isComplete && !isDirty) return 'settled';",
    to: "if (settled.isComplete) return 'settled';",
  },
  {
    name: 'no intent is stored before acting',
    seed: 19,
    histories: 'crash-after-edit',
    file: 'functions/sync/syncTwin.ts',
    from: 'const shards = steps.length > 0 ? await storeIntent(sync, hold, seen) : seen.shards;',
    to: 'const shards = steps.length > 1e9 ? await storeIntent(sync, hold, seen) : seen.shards;',
  },
  {
    name: 'no fence: a tenant that is away is worked for',
    seed: 314,
    file: 'functions/sync/fence.ts',
    from: "return row.state === 'active' && row.enabled && row.licensed ? undefined : 'tenant-not-active';",
    to: 'return undefined;',
  },
  {
    name: 'a parked twin has no time to be woken',
    seed: 3,
    file: 'functions/sync/keep.ts',
    from: 'wakeAt: now + waitMs(row.attempts, asked),',
    to: 'wakeAt: undefined,',
  },
  {
    name: 'a worker that dies leaves no time to be woken',
    seed: 47,
    file: 'functions/sync/twinRow.ts',
    from: 'wakeAt: until + WAKE_MARGIN_MS });',
    to: 'wakeAt: undefined });',
  },
  {
    name: 'the tick wakes nobody',
    seed: 3,
    file: 'functions/sync/wake.ts',
    from: "await sync.bus.publish('sync-jobs', { kind: 'sync-twin', connection, twin, askedAt: now });",
    to: '',
  },
  {
    name: 'no watermark after a reconcile',
    file: 'functions/sync/reconcile.ts',
    from: 'await moveWatermark(sync, run.row);',
    to: 'void moveWatermark;',
  },
  {
    name: 'a reconcile does not look for issues that nobody told of',
    seed: 13,
    file: 'functions/sync/reconcile.ts',
    from: 'return trigger === undefined ? [] : site.match(trigger, unlinked);',
    to: 'return trigger === undefined ? [] : site.match(trigger, []);',
  },
  {
    name: 'a reconcile looks at one side only',
    seed: 88,
    file: 'functions/sync/reconcile.ts',
    from: "if (stage === 'a') return 'b';",
    to: "if (stage === 'a') return 'done';",
  },
  {
    name: 'a partner that came back is not caught up',
    seed: 8,
    focus: PARTNER,
    file: 'functions/sync/partner.ts',
    from: "if (change.what === 'returned' && state === 'active') await",
    to: "if (change.what === 'installed' && state === 'active') await",
  },
  {
    name: 'copies of comments are never adopted',
    seed: 18,
    file: 'shared/sync/pairs.ts',
    from: `if (marker === undefined || traced.has(nameOf(side, thing.id))) continue;`,
    to: `if (marker !== undefined || traced.has(nameOf(side, thing.id))) continue;
      if (marker === undefined) continue;`,
  },
  {
    name: 'nobody asks who wrote a copy last whose end is not known',
    seed: 15525,
    file: 'shared/sync/notes.ts',
    from: '!== now[on]) || isUnsettled;',
    to: '!== now[on]) || (isUnsettled && known.blocked === null);',
  },
  {
    name: 'an edit beside a picture that has arrived is decided without asking for it',
    seed: 17608,
    file: 'shared/sync/fields.ts',
    from: '[...awaitsOfLane(input, lane, changed), ...news.awaits]',
    to: 'awaitsOfLane(input, lane, changed)',
  },
  {
    name: 'a store that was put back gets its next epoch from whoever comes last',
    seed: 7645,
    file: 'functions/sync/storeGuard.ts',
    from: 'const said = main.row.epoch === last ? main.row.next : undefined;',
    to: 'const said = undefined as number | undefined;',
  },
  {
    name: 'traces of comments are not stored',
    seed: 58,
    file: 'functions/sync/traces.ts',
    from: `put: (shard, rows) => transaction.put('trace', { ...place, shard }, { owners, rows }),`,
    to: `put: () => undefined,`,
  },
  {
    name: 'no base: every round is a first meeting',
    seed: 2,
    file: 'functions/sync/twinRow.ts',
    from: 'fields: memory.fields };',
    to: 'fields: {} };',
  },
  {
    name: 'values are not compared with what was last seen',
    seed: 4,
    file: 'shared/sync/stance.ts',
    from: 'a: now.a !== undefined && now.a !== base.a, b: now.b !== undefined && now.b !== base.b',
    to: 'a: now.a !== undefined, b: now.b !== undefined && now.b !== base.b',
  },
  {
    name: 'the first side always wins',
    seed: 220,
    file: 'shared/sync/fields.ts',
    from: "return a > b ? 'a' : 'b';",
    to: "return 'a';",
  },
  {
    name: 'our own write, met again after a lost answer, counts as a person’s',
    seed: 22,
    histories: 'crash-then-again',
    file: 'shared/sync/stance.ts',
    from: "if (memory.aSent !== undefined && memory.aSent === now.a && isOurs(memory, 'a', now)) return arrived('a', now);",
    to: '',
  },
  {
    name: 'elements that people put there are removed',
    seed: 3,
    file: 'shared/sync/sets.ts',
    from: 'added.has(hashOfPart(element)) && !kept.has(element)',
    to: '!kept.has(element)',
  },
  {
    name: 'lists are written as a whole',
    seed: 8,
    focus: LABELS,
    file: 'functions/sync/act.ts',
    from: 'step.fields, seenOn(acting, step.side))',
    to: 'step.fields, {})',
  },
  {
    name: 'the copy that a person deleted is made again',
    seed: 111,
    file: 'shared/sync/notes.ts',
    from: 'if (trace?.blocked === kind.copyDeletedCode) return',
    to: "if (trace?.blocked === 'bug') return",
  },
  {
    name: 'a part of the comments counts as all of them',
    focus: UNSEEN,
    file: 'shared/wire/jira.ts',
    from: 'if (page.comments.length < page.total) return',
    to: 'if (page.comments.length > page.total) return',
  },
  {
    name: 'every announcement counts as one of a write that was read back',
    focus: COMMENTS,
    file: 'functions/sync/take.ts',
    from: "if (echoOf === undefined) return 'no';",
    to: "if (wroteBy !== undefined) return 'known';",
  },
  {
    name: 'a deleted comment is not told',
    focus: DELETED,
    file: 'shared/wire/webhook.ts',
    from: "['comment_deleted', 'comment'],",
    to: '',
  },
  {
    name: 'changes by the app’s own account are dropped at the door',
    seed: 26,
    file: 'functions/webhook/receiveChange.ts',
    from: 'const change = parseWebhook(body, receivedAt);',
    to: "const change = JSON.stringify(body).includes('557058:app-') ? 'event-unknown' : parseWebhook(body, receivedAt);",
  },
  {
    name: 'a look at the issues covers every later event',
    seed: 5,
    file: 'functions/sync/take.ts',
    from: 'readAt > receivedAt + SKEW_MS;',
    to: 'readAt > 0;',
  },
  {
    name: 'a 429 counts as an answer',
    focus: QUOTAS,
    file: 'shared/jira/call.ts',
    from: 'if (first.status !== 429) return read(ask, first, restMs);',
    to: 'if (first.status === 429) return { status: 200, body: undefined };\n  if (first.status !== 429) return read(ask, first, restMs);',
  },
  {
    name: 'a message that failed is acknowledged',
    seed: 24,
    file: 'functions/sync/event.ts',
    from: 'return (message) => handle(sync, message);',
    to: "return (message) => handle(sync, message).catch(() => verdict('done'));",
  },
  {
    name: 'a new issue goes back to the queue when its site cannot be asked',
    focus: AWAY,
    file: 'functions/sync/keepWish.ts',
    from: 'if (isOfSite(fault)) return fault;',
    to: '',
  },
  {
    name: 'what an issue without a pair waits for is not written down',
    focus: AWAY,
    file: 'functions/sync/keepWish.ts',
    from: "transaction.put('wish', place, row);",
    to: '',
  },
  {
    name: 'a wish is forgotten after its first try',
    focus: AWAY,
    file: 'functions/sync/tryWish.ts',
    from: 'await replaceWish(sync, stored, next);',
    to: "await sync.store.remove('wish', stored.place);",
  },
  {
    name: 'a wish goes before what it asked for has ended',
    focus: { ...AWAY, faults: { 'jira-429': 2, 'jira-503': 2, crash: 3 } },
    file: 'functions/sync/tryWish.ts',
    from: 'const told = await orTrouble(() => carryOut(sync, fence, stored.row));',
    to: "await sync.store.remove('wish', stored.place);\n  const told = await orTrouble(() => carryOut(sync, fence, stored.row));",
  },
  {
    name: 'a wish never goes',
    focus: AWAY,
    file: 'functions/sync/tryWish.ts',
    from: "transaction.remove('wish', place);",
    to: '',
  },
  {
    name: 'a site that was restored is not recognised',
    seed: 2,
    focus: RESTORED,
    file: 'functions/sync/syncTwin.ts',
    from: 'await refuseRestored(sync, hold, seen);',
    to: 'void refuseRestored;',
  },
  {
    name: 'what a restore has taken counts as deleted',
    seed: 12,
    focus: RESTORED,
    file: 'shared/sync/restored.ts',
    from: 'return a === undefined || b === undefined ? trace : { origin, a, b, anew };',
    to: 'return a === undefined || b === undefined ? trace : { origin, a, b };',
  },
  {
    name: 'what arrives is not held against the contract',
    seed: 8,
    focus: NOT_AGREED,
    file: 'functions/sync/agreed.ts',
    from: 'if (sealed === undefined || rules === undefined) return undefined;',
    to: 'if (sealed === undefined || rules === undefined || sealed !== undefined) return undefined;',
  },
  {
    name: 'a field that new rules send takes the origin’s value',
    seed: 5,
    focus: RULES,
    file: 'shared/sync/fields.ts',
    from: 'if (start === undefined && issues[there].changedAt[lane[there]] === undefined)',
    to: 'if (start === undefined)',
  },
  {
    name: 'what a project fills in by itself wins over the origin',
    seed: 2,
    focus: { ...RULES, policy: 'b' },
    file: 'shared/sync/fields.ts',
    from: 'if (start === undefined && issues[there].changedAt[lane[there]] === undefined)',
    to: 'if (start === undefined && now.a === undefined)',
  },
  {
    name: 'what a person puts back into a set counts as ours',
    histories: 'put-back',
    file: 'shared/sync/sets.ts',
    from: 'return theirs.size === 0 ? added : new Set([...added].filter((part) => !theirs.has(part)));',
    to: 'return added;',
  },
  {
    name: 'links that people made are removed',
    focus: LINKS,
    file: 'shared/sync/sets.ts',
    from: 'added.has(hashOfPart(element)) && !kept.has(element)',
    to: "(lane.kind === 'links' || added.has(hashOfPart(element))) && !kept.has(element)",
  },
  {
    name: 'a parent keeps the id that it has on the other site',
    focus: PARENTS,
    file: 'shared/sync/offer.ts',
    from: 'return input.counterparts?.[from].get(value as IssueId);',
    to: 'return value;',
  },
  {
    name: 'a comment for some is made for all',
    focus: READERS,
    file: 'shared/jira/notes.ts',
    from: 'body: { body, properties, ...restriction(visibility) },',
    to: 'body: { body, properties },',
  },
  {
    name: 'a comment that becomes one for some keeps its readers on the other side',
    focus: READERS,
    file: 'shared/sync/notes.ts',
    from: 'const isTooOpen = visibility !== null && !copy.isRestricted;',
    to: 'const isTooOpen = false;',
  },
  {
    name: 'a picture keeps the id that its file has on the other site',
    focus: PICTURES,
    file: 'shared/adf/media.ts',
    from: 'attrs: { ...attrs, id: file.id, collection: file.collection }',
    to: 'attrs: { ...attrs }',
  },
  {
    name: 'the changelog is not asked whether a write of ours arrived',
    seed: 20,
    histories: 'crash-after-edit',
    file: 'shared/sync/fields.ts',
    from: 'if (before !== undefined) return before;',
    to: '',
  },
  {
    name: 'what a person wrote counts as our own write when the value is the same',
    seed: 20,
    histories: 'intended-and-wanted',
    file: 'shared/sync/stance.ts',
    from: 'return now[side] !== memory[side] && memory.byPeople?.includes(side) !== true;',
    to: 'return now[side] !== memory[side];',
  },
  {
    name: 'an older state than was read before is believed',
    focus: STALE,
    file: 'shared/sync/lagging.ts',
    from: "return issue !== 'absent' && issue.updatedAt < Math.max(seenAt ?? 0, awaited?.updatedAt ?? 0);",
    to: 'return false;',
  },
  {
    name: 'the state before our own write is believed after it',
    focus: STALE,
    file: 'shared/sync/lagging.ts',
    from: 'const updatedAt = (issueOf(input[side])?.updatedAt ?? 0) + 1;',
    to: 'const updatedAt = 0;',
  },
  {
    name: 'what sites tell of their issues is not awaited',
    focus: STALE_SAID,
    file: 'functions/sync/take.ts',
    from: 'if (!isNew) return row.awaits;',
    to: 'if (!isNew || now > 0) return row.awaits;',
  },
  ...livesMutants,
];
