/** `npm run twinline -- restore …`: brings a backup back beside the running store, and on demand in its place. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { compose, storeOptions } from '../../functions/compose.ts';
import { readConfig } from '../../shared/config.ts';
import type { Config } from '../../shared/config.ts';
import { FirestoreStore } from '../../shared/gcp/firestore.ts';
import { setId } from '../../shared/model/ids.ts';
import type { SetId } from '../../shared/model/ids.ts';
import { Misused } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import { restoreSet, wholeSets } from './restoreSet.ts';
import type { RestoreReport } from './restoreSet.ts';
import { switchTo } from './switchStore.ts';

/** Where a local stack writes with what settings its functions run. */
export const SETTINGS_FILE = 'settings.json';

/** Reads the settings of a local stack's folder, or those of this process. @throws Misused */
function configFor(given: Arguments): Config {
  const { folder } = given.options;
  if (folder === undefined) return readConfig();
  const file = join(folder, SETTINGS_FILE);
  if (!existsSync(file)) throw new Misused(`${folder} is no folder of a stack that runs.`);
  const settings = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, 'utf8')));
  // Google's client reads the emulator's address there.
  Object.assign(process.env, settings, { METADATA_SERVER_DETECTION: 'none' });
  return readConfig(settings);
}

/** Runs the command. Exit code 0: everything that has to be back is back, and nothing else. 1: it is not. */
export async function restoreCommand(
  given: Arguments,
): Promise<{ readonly data: unknown; readonly lines: readonly string[]; readonly exit: number }> {
  const config = configFor(given);
  if (config.backend === 'memory')
    throw new Misused('The memory ports live in the process of their stack: a restore needs a database.');
  const ports = compose(config);
  const place = ports.backups?.restore;
  if (place === undefined)
    throw new Misused('This process may not restore: TWINLINE_BACKUP_CREDENTIAL=restore is needed.');
  const [newest] = await wholeSets(ports.store);
  const set = given.options.set === undefined ? newest : named(given.options.set);
  if (set === undefined) return { data: { sets: [] }, lines: ['There is no whole backup.'], exit: 1 };
  const { into, target } = await emptyTarget(config, given.options.into, `restored-${set.slice(2)}`);
  const { vault } = ports.backups ?? {};
  if (vault === undefined) throw new Misused('There is no place of backups.');
  try {
    const report = await restoreSet({ ...ports, target, place, backupVault: vault, days: config }, set);
    const moved = given.switch && report.isGood ? await switchTo(target, ports.store) : undefined;
    return {
      data: { ...report, into, ...(moved === undefined ? {} : { moved }) },
      lines: [
        ...linesOf(report, into),
        ...(ports.desk.isOn ? [ticketLine(report)] : []),
        ...afterwards(report, given.switch, into, moved),
      ],
      exit: report.isGood ? 0 : 1,
    };
  } finally {
    await target.close();
  }
}

/** A database that was restored into and never switched to is left as it is: the next restore takes the next name. */
const MAX_NAMES = 20;

/** The named database, or the first empty one. @throws Misused when it holds records */
async function emptyTarget(
  config: Config,
  wanted: string | undefined,
  usual: string,
): Promise<{ readonly into: string; readonly target: FirestoreStore }> {
  for (let number = 1; number <= MAX_NAMES; number += 1) {
    const into = wanted ?? (number === 1 ? usual : `${usual}-${number}`);
    const target = new FirestoreStore({ ...storeOptions(config), main: into });
    const isEmpty = (await target.beneath('', 1)).length === 0;
    if (isEmpty) return { into, target };
    await target.close();
    if (wanted !== undefined) break;
  }
  throw new Misused(`The database ${wanted ?? usual} holds records already. Name an empty one with --into.`);
}

function named(text: string): SetId {
  try {
    return setId(text);
  } catch (cause) {
    throw new Misused(`${text} is no name of a backup, for example b-20261125-0400.`, { cause });
  }
}

function linesOf(report: RestoreReport, into: string): readonly string[] {
  const { tenants, dropped } = report;
  const drops = Object.entries(dropped).map(([why, count]) => `${count} ${why}`);
  return [
    `${report.isGood ? 'RESTORED' : 'NOT GOOD'}  ${report.set} into the database ${into}, in ${(report.tookMs / 1000).toFixed(1)} s`,
    `state     ${(report.lostMs / 3_600_000).toFixed(1)} hours old`,
    `records   ${report.read} read, ${report.written} written; left out: ${drops.join(', ') || 'none'}`,
    `tenants   ${tenants.live} live, ${tenants.marked} marked, ${tenants.purging} being purged, ${tenants.purged} not brought back`,
    `verified  ${report.foundByOwner} records of purged lives by owner, ${report.foundByPath} by path`,
    ...report.missing.map((owner) => `missing   ${owner} came after the backup: it has to install again`),
    ...report.mute.map((owner) => `mute      ${owner} has no secret in the backup: it has to install again`),
    `epoch     ${report.epoch === 'restored' ? 'the sync will know this store for an older copy' : `${report.epoch}: NOT known for an older copy`}`,
  ];
}

/** Who reported what since the backup is known to nobody here: people have to look. */
function ticketLine({ lostMs }: RestoreReport): string {
  const hours = Math.ceil(lostMs / 3_600_000);
  return `tickets   reports of the last ${hours} hours are lost: look for “Twinline report” at the desk, and erase by hand what was opened since`;
}

function afterwards(
  report: RestoreReport,
  isSwitch: boolean,
  into: string,
  moved: number | undefined,
): readonly string[] {
  if (!report.isGood) return ['Nothing was switched.'];
  if (moved !== undefined) return [`switched  ${moved} records are in (default) now; restart the functions`];
  return isSwitch
    ? []
    : [
        `To switch in the cloud: TWINLINE_DATABASE=${into} for all functions, then deploy. Here: the same with --switch.`,
      ];
}
