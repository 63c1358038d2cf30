/**
 * A site that is put back to an older state within a run, and the admin who says afterwards which side counts. What was there is kept
 * for the judge.
 */
import { plainText } from '../../infra/local/jira/model/richText.ts';
import type { Site } from '../../infra/local/jira/model/types.ts';
import type { JiraInside } from '../../infra/local/inside.ts';
import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { ConnectionId } from '../../shared/model/ids.ts';
import type { Store } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { chanceOf, pick } from './chance.ts';
import type { FieldKind } from './fieldKinds.ts';
import { firstWord } from './history.ts';
import type { History } from './history.ts';
import type { Traffic } from './posts.ts';
import type { Scheduler } from './scheduler.ts';

/** What an admin may say. */
export const KEEPS = ['a', 'b', 'newest', 'hold'] as const;
/** How old the backup is when it is put back. */
const AGE_MS = 3_600_000;
/** How long an import takes: longer than the guard lets a copy of a site lag behind. @see SPEC.md S81 */
const IMPORT_MS = 900_000;
/** When the admin comes to it. */
const ANSWER_MS = 7_200_000;

export type Keep = (typeof KEEPS)[number];
export type Shown = Readonly<Record<string, string | readonly string[]>>;

/** What a restore needs of the run. */
export interface RestoreNeeds {
  readonly scheduler: Scheduler;
  readonly jira: JiraInside;
  readonly history: History;
  readonly store: Store;
  readonly traffic: Traffic;
  readonly connection: ConnectionId;
  readonly kinds: readonly FieldKind[];
  readonly siteOf: (side: Side) => Site;
  readonly twins: () => Promise<readonly RecordOf<'twin'>[]>;
}

/** One restore of one run. */
export class Restore {
  readonly #needs: RestoreNeeds;
  #isBegun = false;
  /** The side whose site was put back; absent until that has happened. */
  side: Side | undefined;
  /** What the admin has said; absent until then, and when nobody had to be asked. */
  keep: Keep | undefined;
  /** The history's number when the site was put back. */
  number = Infinity;
  /** Words of the pairs whose issue is older now than the product had seen it, and which nobody has touched since. */
  readonly wentBack = new Set<string>();
  /** The same, and it stays so. */
  readonly wereBack = new Set<string>();
  /** Words of the pairs whose issue has the same stamp as the product had seen, although something of it may be older. */
  readonly unseen = new Set<string>();
  /** What both sides showed right after the restore, by the word of the pair. */
  readonly shown = new Map<string, Partial<Record<Side, Shown>>>();
  /** Comments of the other site by their ids, as they were right after the restore. */
  readonly comments = new Map<string, { readonly issue: string; readonly word: string }>();
  #seed = 0;

  constructor(needs: RestoreNeeds) {
    this.#needs = needs;
  }

  /**
   * Takes the backup when this millisecond is over, so that it holds all that has the same stamp; it is put back later. One in a run is
   * enough.
   */
  begin(side: Side, seed: number): void {
    const { scheduler } = this.#needs;
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#seed = seed;
    scheduler.at(scheduler.now + 1, () => this.#back(side));
  }

  #back(side: Side): void {
    const { scheduler, jira, history, siteOf } = this.#needs;
    const back = jira.backup(siteOf(side).name);
    const since = history.number;
    const put = (): void => {
      if (!scheduler.jump(IMPORT_MS)) {
        scheduler.at(scheduler.now + 1, put);
        return;
      }
      back();
      scheduler.count('site-restored');
      this.#take(side, since);
      scheduler.at(scheduler.now + ANSWER_MS, () => void this.answer());
    };
    scheduler.at(scheduler.now + AGE_MS, put);
  }

  #take(side: Side, since: number): void {
    const { history, siteOf, twins, kinds } = this.#needs;
    history.takeBack(side, siteOf(side), since);
    this.side = side;
    this.number = history.number;
    for (const at of ['a', 'b'] as const)
      for (const { issue } of siteOf(at).issues.values()) {
        const token = history.tokenOf(siteOf(at), issue.id);
        const shown = Object.fromEntries(kinds.map((kind) => [kind.name, kind.show(siteOf(at), issue)]));
        this.shown.set(token, { ...this.shown.get(token), [at]: shown });
      }
    for (const { id, issueId, body } of siteOf(otherSide(side)).comments.values())
      this.comments.set(id, { issue: issueId, word: firstWord(plainText(body)) });
    // Only microtasks: it is done before the next step.
    void twins().then((rows) => {
      for (const row of rows) {
        const id = row[side];
        const issue = id === undefined ? undefined : siteOf(side).issues.get(id)?.issue;
        const stamp = side === 'a' ? row.aUpdatedAt : row.bUpdatedAt;
        if (issue === undefined || stamp === undefined || issue.updatedAt > stamp) continue;
        if (issue.updatedAt === stamp) {
          this.unseen.add(history.tokenOf(siteOf(side), issue.id));
          continue;
        }
        this.wentBack.add(history.tokenOf(siteOf(side), issue.id));
        this.wereBack.add(history.tokenOf(siteOf(side), issue.id));
      }
    });
  }

  /** Whether the pair of this word must not be written now. */
  isGuarded(token: string): boolean {
    return this.side !== undefined && this.keep === undefined && this.wentBack.has(token);
  }

  /** A person has touched an issue of the site that was put back: it does not look older any more. */
  touch(side: Side, token: string): void {
    if (side === this.side) this.wentBack.delete(token);
  }

  /** The admin looks, and answers when the connection has stopped; says whether that was so. */
  async answer(): Promise<boolean> {
    const { scheduler, store, traffic, connection } = this.#needs;
    const stored = await store.read('connection', { connection });
    if (stored?.row.restored === undefined || stored.row.restored.keep !== undefined) return false;
    const keep = pick(chanceOf(this.#seed + 1), KEEPS);
    this.keep = keep;
    scheduler.note(`admin: ${stored.row.restored.side} was restored, ${keep} counts`);
    const row = { ...stored.row, restored: { ...stored.row.restored, keep } };
    await store.replace('connection', { connection }, row, stored.version);
    const ask = { connection, since: stored.row.activatedAt, askedAt: scheduler.now, how: 'full' } as const;
    await traffic.publish('sync-jobs', { kind: 'reconcile', ...ask });
    return true;
  }
}
