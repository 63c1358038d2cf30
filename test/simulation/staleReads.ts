/**
 * A site that answers some reads from a replica which has fallen behind: for some seconds it shows what was there when they began,
 * while writes, and other reads, go to where everything is. Each read goes to one of the two by chance.
 */
import type { HttpAnswer, HttpAsk } from '../../shared/http.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { JiraInside } from '../../infra/local/inside.ts';
import { chanceOf, mix, pick } from './chance.ts';
import { isWriting } from './gatedPorts.ts';
import type { History } from './history.ts';
import type { Scheduler } from './scheduler.ts';

/** How long the replica lags. Nothing is documented for an issue's own address; seconds are what replicas of databases lag. */
const LAG_MS = [800, 2_500, 5_000] as const;
/** Share of the reads that it answers. */
const SHARE = 0.5;
/** What is read of issues: alone, in bulk, and their comments. */
const READS = /\/rest\/api\/3\/(issue\/(\d+(\/comment)?\?|bulkfetch)|comment\/list)/;

/** What the replicas need of the run. */
export interface StaleNeeds {
  readonly scheduler: Scheduler;
  readonly jira: Pick<JiraInside, 'answer' | 'replica'>;
  readonly history: History;
  readonly siteOf: (side: Side) => string;
}

interface Replica {
  readonly site: string;
  readonly answer: (ask: HttpAsk) => Promise<HttpAnswer>;
  readonly number: number;
  /** When it catches up; it lags for so long after the first thing that it misses. */
  until: number;
  readonly seed: number;
  reads: number;
}

/** The replicas of one run. */
export class StaleReads {
  readonly #needs: StaleNeeds;
  readonly #numbers = new WeakMap<object, number>();
  #replicas: readonly Replica[] = [];

  constructor(needs: StaleNeeds) {
    this.#needs = needs;
  }

  /** A replica of this side falls behind now. */
  begin(side: Side, seed: number): void {
    const { scheduler, jira, history, siteOf } = this.#needs;
    const site = siteOf(side);
    const replica = { site, answer: jira.replica(site), number: history.number, until: Infinity, seed, reads: 0 };
    this.#replicas = [...this.#replicas.filter((one) => one.site !== site), replica];
    scheduler.note(`a replica of ${site} falls behind`);
  }

  /** Something happens on a site. */
  hear(site: string): void {
    for (const replica of this.#replicas)
      if (replica.site === site && replica.until === Infinity)
        replica.until = this.#needs.scheduler.now + pick(chanceOf(replica.seed), LAG_MS);
  }

  /** All have caught up. */
  end(): void {
    this.#replicas = [];
  }

  /** Answers from the site, or from a replica of it that lags. */
  answer: JiraInside['answer'] = async (ask, planned) => {
    const { scheduler, jira, history } = this.#needs;
    const replica = planned === undefined ? this.#replicaFor(ask) : undefined;
    if (replica === undefined) return jira.answer(ask, planned);
    const isBehind = history.number > replica.number;
    const answer = await replica.answer(ask);
    this.#numbers.set(answer, replica.number);
    if (isBehind) scheduler.count('stale-read');
    return answer;
  };

  /** The number of the history as it was when what is in this answer was so. */
  numberOf(answer: HttpAnswer): number {
    return this.#numbers.get(answer) ?? this.#needs.history.number;
  }

  #replicaFor(ask: HttpAsk): Replica | undefined {
    const { scheduler } = this.#needs;
    const { url } = ask;
    if (this.#replicas.length === 0 || isWriting(ask) || !READS.test(url)) return undefined;
    const replica = this.#replicas.find(({ site, until }) => url.includes(`//${site}.`) && until > scheduler.now);
    if (replica === undefined) return undefined;
    replica.reads += 1;
    return chanceOf(mix(replica.seed, replica.reads))() < SHARE ? replica : undefined;
  }
}
