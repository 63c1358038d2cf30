/**
 * The purge of one life of a tenant, step by step. Each step ends with one write of the purge record, so that after a
 * stop at any line the next message repeats at most that step; every step may be repeated.
 *
 * ```
 * fenced ─wait─▶ counting ─▶ deleting ─▶ verifying-a ─wait─▶ verifying-b ─▶ shredding ─▶ issuing ─▶ done
 *                               ▲────── something found ──────┴──────┘ (again, where nothing of it carries the owner)
 * ```
 */
import { ownerOf } from '../../shared/model/ids.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { verdict } from '../../shared/verdict.ts';
import { claimPurge } from './claimPurge.ts';
import { erase, eraseStrays } from './erase.ts';
import { issueReceipt } from './issueReceipt.ts';
import { advance, counted, hasTime, readProgress } from './progress.ts';
import type { Counts, Progress, PurgeRow, Work } from './progress.ts';
import { shred } from './shred.ts';
import { countBefore, survey } from './survey.ts';
import { findByOwner, findByPath } from './verifyPurge.ts';
import type { Findings } from './verifyPurge.ts';

type Stage = PurgeRow['stage'];
type Step = (work: Work, progress: Progress) => Promise<Progress>;

const steps: Readonly<Record<Exclude<Stage, 'done'>, Step>> = {
  fenced: survey,
  counting: countBefore,
  deleting: deleteAll,
  'verifying-a': verifyA,
  'verifying-b': verifyB,
  shredding: shred,
  issuing: issueReceipt,
};

/**
 * Purges what is due of the life that the message names, as far as the time of one message allows. Answers `purged`,
 * `more-to-do` (published again, or waiting for the tick), or why there was nothing to do. A message for another life, or
 * for a tenant that is not due, changes nothing.
 */
export async function purgeTenant(work: Work, ref: TenantRef): Promise<Verdict> {
  const owner = ownerOf(ref.tenant, ref.generation);
  const begun = await readProgress(work.ports, owner);
  const progress = begun === undefined || begun.row.stage === 'done' ? await claimPurge(work, ref) : begun;
  if (typeof progress === 'string') return verdict(begun === undefined ? progress : 'already-done');
  return goOn(work, progress);
}

async function goOn(work: Work, from: Progress): Promise<Verdict> {
  const { clock, bus } = work.ports;
  let progress = from;
  for (;;) {
    const { stage, notBeforeAt, tenant, generation } = progress.row;
    if (stage === 'done') return verdict('purged', { tenant, generation });
    const facts = { tenant, generation, stage };
    // Waits are for the tick: it finds what has a `notBeforeAt` that has come.
    if (notBeforeAt === undefined || clock.now() < notBeforeAt) return verdict('more-to-do', facts);
    // At least one step in every message, however slow the store is: the purge gets on.
    progress = await steps[stage](work, progress);
    if (progress.row.stage !== 'done' && !hasTime(work)) {
      await bus.publish('purge-jobs', { kind: 'purge-tenant', tenant, generation, askedAt: clock.now() });
      return verdict('more-to-do', facts);
    }
  }
}

async function deleteAll(work: Work, progress: Progress): Promise<Progress> {
  const { progress: erased, isEmpty } = await erase(work, progress);
  if (!isEmpty) return erased;
  return advance(work.ports, erased, { ...erased.row, stage: 'verifying-a', deletedAt: work.ports.clock.now() });
}

async function verifyA(work: Work, progress: Progress): Promise<Progress> {
  const findings = await findByOwner(work.ports, progress.owner);
  const counts = found(progress.row.counts, 'foundA', findings);
  if (findings.total > 0) return beginAgain(work, progress, counts, findings);
  const notBeforeAt = work.ports.clock.now() + work.settings.fenceMs;
  return advance(work.ports, progress, { ...progress.row, stage: 'verifying-b', counts, notBeforeAt });
}

async function verifyB(work: Work, progress: Progress): Promise<Progress> {
  const findings = await findByPath(work, progress.owner, progress.row);
  const counts = found(progress.row.counts, 'foundB', findings);
  if (findings.total > 0) return beginAgain(work, progress, counts, findings);
  if (findings.left.length > 0) return advance(work.ports, progress, { ...progress.row, walk: [...findings.left] });
  const { walk: _over, ...row } = progress.row;
  return advance(work.ports, progress, { ...row, stage: 'shredding', counts, verifiedAt: work.ports.clock.now() });
}

/**
 * Somebody is woken: either a writer went past the fence, or a record has no owner. After a wait all begins again with the deletion.
 * What a walk met is removed right here; when nothing of it carries the owner, the first verification stays true, and only
 * the second one is repeated: it comes even later after the first.
 */
async function beginAgain(work: Work, progress: Progress, counts: Counts, findings: Findings): Promise<Progress> {
  const { ports, settings } = work;
  const { walk: _over, ...row } = progress.row;
  const { tenant, generation, stage } = row;
  ports.log.fault('purge', 'purge-not-empty', { tenant, generation, stage, found: findings.total });
  await eraseStrays(ports, findings.strays);
  const next = stage === 'verifying-b' && !findings.isOwned ? stage : 'deleting';
  const notBeforeAt = ports.clock.now() + settings.fenceMs;
  return advance(ports, progress, { ...row, stage: next, counts, notBeforeAt });
}

/** Replaces what a verification found the last time. */
function found(counts: Counts, pass: 'foundA' | 'foundB', findings: Findings): Counts {
  const names = new Set([...Object.keys(counts), ...Object.keys(findings.counts)]);
  return [...names].reduce((all, name) => counted(all, name, { [pass]: findings.counts[name] ?? 0 }), counts);
}
