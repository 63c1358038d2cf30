/** A tenant's own halves of connections: found, opened, made. A half of anybody else is not found, like one that never was. */
import type { ConnectionState, HalfSettings, Side } from '../../shared/model/connection.ts';
import { connectionId, halfOf, tenantKey } from '../../shared/model/ids.ts';
import type { ConnectionId, HalfId, ProjectKey } from '../../shared/model/ids.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { Stored, Transaction } from '../../shared/ports.ts';
import type { Place, RecordOf } from '../../shared/retention/catalogue.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { scopeChecks } from '../../shared/rules/scope.ts';
import { Fault } from '../../shared/verdict.ts';
import { parseAs, viewQuery } from '../../shared/wire/console.ts';
import { idSchema } from '../../shared/wire/message.ts';
import { contextOf, parseHalfSettings, parseRuleDocument } from '../../shared/wire/stored.ts';
import type { Ask } from './ask.ts';

/** One half of the asking tenant. */
export interface OwnHalf {
  readonly connection: ConnectionId;
  readonly half: HalfId;
  readonly row: RecordOf<'half'>;
}

/** The query of a listing or view. @throws Fault `body-invalid` */
export function queryOf(ask: Ask): { readonly after?: string; readonly side?: Side; readonly with?: string } {
  return parseAs(viewQuery, Object.fromEntries(ask.request.query));
}

/** Every half of the asking tenant in the connection that the path names: one, or two inside one site. @throws Fault `not-found` */
export async function findHalves(ask: Ask): Promise<readonly OwnHalf[]> {
  const named = idSchema(connectionId).safeParse(ask.request.params['connection']);
  if (!named.success) throw new Fault('not-found');
  const connection = named.data;
  const sides = [halfOf(connection, 'a'), halfOf(connection, 'b')];
  const found = await Promise.all(
    sides.map((half) => ask.ports.store.read('half', { tenant: ask.tenant.tenant, half })),
  );
  const own = found.flatMap((stored) => ownHalf(ask, stored));
  if (own.length === 0) throw new Fault('not-found');
  return own;
}

/** The half that the request is about: `?side=` chooses where one site has both. @throws Fault `not-found` */
export async function findHalf(ask: Ask): Promise<OwnHalf> {
  const { side } = queryOf(ask);
  const own = (await findHalves(ask)).find(({ row }) => side === undefined || row.side === side);
  if (own === undefined) throw new Fault('not-found');
  return own;
}

/** A stored half as the tenant's own; empty for one of another life. */
export function ownHalf(ask: Ask, stored: Stored<'half'> | undefined): OwnHalf[] {
  if (stored === undefined || !stored.row.owners.includes(ask.owner)) return [];
  const { row } = stored;
  return [{ connection: row.connection, half: halfOf(row.connection, row.side), row }];
}

/** The agreed connection of a half; undefined while it is pending and after the partner was purged. */
export async function connectionOf(ask: Ask, own: OwnHalf): Promise<RecordOf<'connection'> | undefined> {
  const stored = await ask.ports.store.read('connection', { connection: own.connection });
  return stored?.row.owners.includes(ask.owner) === true ? stored.row : undefined;
}

/** The state that people are shown: that of the whole connection, as far as there is one. */
export function shownState(own: OwnHalf, connection: RecordOf<'connection'> | undefined): ConnectionState {
  return own.row.state === 'partner-left' ? 'partner-left' : (connection?.state ?? own.row.state);
}

/** What the tenant chose for a half. */
export async function openSettings(ask: Ask, own: OwnHalf): Promise<HalfSettings> {
  const context = contextOf('half.settings', ask.tenant.tenant, own.half);
  return parseHalfSettings(await ask.ports.keys.open(tenantKey(ask.owner), context, own.row.settings));
}

/** A version of a half's rules, the active one unless told otherwise. @throws Fault `not-found` */
export async function openRules(ask: Ask, own: OwnHalf, version = own.row.rulesVersion): Promise<RuleDocument> {
  const { tenant } = ask.tenant;
  const stored = await ask.ports.store.read('rules', { tenant, half: own.half, version: String(version) });
  if (stored === undefined) throw new Fault('not-found');
  const context = contextOf('rules.document', tenant, own.half, version);
  return parseRuleDocument(await ask.ports.keys.open(tenantKey(ask.owner), context, stored.row.document));
}

/** One version of rules, sealed and ready for a transaction. */
export interface SealedRules {
  readonly place: Place<'rules'>;
  readonly row: RecordOf<'rules'>;
}

/** Seals a rule document for its half. */
export async function sealRules(ask: Ask, half: HalfId, document: RuleDocument): Promise<SealedRules> {
  const { version } = document;
  const { tenant } = ask.tenant;
  const context = contextOf('rules.document', tenant, half, version);
  const sealed = await ask.ports.keys.seal(tenantKey(ask.owner), context, document);
  return {
    place: { tenant, half, version: String(version) },
    row: { owners: [ask.owner], version, document: sealed, createdAt: ask.ports.clock.now() },
  };
}

/** A new half with its first rules, ready for a transaction. */
export interface NewHalf {
  readonly place: Place<'half'>;
  readonly row: RecordOf<'half'>;
  readonly rules: SealedRules;
}

/** Makes a half of the asking tenant. Writes nothing yet. */
export async function makeHalf(
  ask: Ask,
  about: { readonly connection: ConnectionId; readonly side: Side; readonly state: ConnectionState },
  settings: HalfSettings,
): Promise<NewHalf> {
  const half = halfOf(about.connection, about.side);
  const { tenant } = ask.tenant;
  const rules = await sealRules(ask, half, defaultRules());
  const now = ask.ports.clock.now();
  const steps = [{ step: 'published', at: now, by: ask.account }] as const;
  const context = contextOf('half.settings', tenant, half);
  return {
    place: { tenant, half },
    row: {
      owners: [ask.owner],
      ...about,
      settings: await ask.ports.keys.seal(tenantKey(ask.owner), context, settings),
      rulesVersion: rules.row.version,
      createdAt: now,
    },
    rules: { ...rules, row: { ...rules.row, stage: 'published', steps } },
  };
}

/** Writes a new half and its rules. */
export function createHalf(transaction: Transaction, made: NewHalf): void {
  transaction.create('half', made.place, made.row);
  transaction.create('rules', made.rules.place, made.rules.row);
}

/**
 * Asks the site whether the project is there and the scope is JQL that it takes.
 * @throws Fault `body-invalid` with the path, `jira-…` when the site does not tell
 */
export async function checkSettings(ask: Ask, settings: HalfSettings): Promise<void> {
  if (!(await ask.site.projectExists(settings.projectKey))) throw new Fault('body-invalid', { path: 'projectKey' });
  await checkJql(ask, settings.projectKey, settings.scope, 'scope');
  await checkJql(ask, settings.projectKey, settings.triggers?.onUpdate ?? '', 'triggers.onUpdate');
}

/** Asks the site's own parser whether it takes a query that narrows a project. @throws Fault `query-refused` with the path */
export async function checkJql(ask: Ask, project: ProjectKey, scope: string, path: string): Promise<void> {
  const queries = scopeChecks(project, scope);
  if (queries.length > 0 && !(await ask.site.isJql(queries))) throw new Fault('query-refused', { path });
}
