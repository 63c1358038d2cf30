import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planProblems, wantedResources } from '../../../infra/plan.ts';
import type { Resource, ResourceKind } from '../../../infra/plan.ts';
import { databases, functions, region, schedules, subscriptions, topics } from '../../../infra/topology.ts';
import { residencies } from '../../../shared/evidence/documents/facts.ts';
import { databasePlaces } from '../../../shared/gcp/places.ts';
import { assertRegion, keyPlace } from '../../../shared/retention/residency.ts';

const root = resolve(import.meta.dirname, '../../..');
const wanted = wantedResources('be+zrh');
const named = (kind: ResourceKind): readonly string[] =>
  wanted.filter((one) => one.kind === kind).map(({ name }) => name);

/** Settings under which something would stay longer than the statement says. */
const keeping: readonly (readonly [ResourceKind, string, Resource['settings'][string]])[] = [
  ['bucket', 'softDeleteSeconds', 604_800],
  ['bucket', 'versioning', true],
  ['bucket', 'retentionLock', true],
  ['bucket', 'deleteAfterDays', 400],
  ['database', 'versionDays', 8],
  ['database', 'scheduledBackups', 'daily'],
  ['topic', 'retentionSeconds', 86_400],
  ['topic', 'snapshots', 'hourly'],
  ['topic', 'enforceInTransit', false],
  ['topic', 'allowedPersistenceRegions', [region, 'us-east1']],
  ['subscription', 'retentionSeconds', 31 * 86_400],
  ['subscription', 'retainAcked', true],
  ['subscription', 'snapshots', 'some'],
  ['function', 'eventarcTrigger', 'default'],
  ['log-bucket', 'retentionDays', 400],
  ['log-bucket', 'isDefaultSinkOff', false],
  ['key', 'destroyScheduledDays', 30],
  ['secret', 'replicas', [region, 'us-east1']],
];

describe('the plan', () => {
  test.each(residencies)('P25 every resource that the topology wants is where the residency allows it', (residency) => {
    const resources = wantedResources(residency);
    expect(planProblems(resources, residency)).toEqual([]);
    const places = new Set(resources.map(({ location }) => location));
    expect([...places].toSorted()).toEqual(
      ['global', region, residency === 'eu' ? 'europe-west4' : 'europe-west6'].toSorted(),
    );
    const backups = resources.filter(({ location }) => location !== region && location !== 'global');
    expect(backups.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['bucket twinline-backups']);
  });

  test('P25 every right is on something that the plan has', () => {
    const have = new Set([
      'project',
      ...named('key').map((name) => `keys/${name}`),
      ...named('topic').map((name) => `topics/${name}`),
      ...named('secret').map((name) => `secrets/${name}`),
      'buckets/backups',
    ]);
    const rights = functions.flatMap(({ name, roles }) => roles.map(({ on }) => `${name} ${on}`));
    expect(rights.filter((right) => !have.has(right.split(' ')[1] ?? ''))).toEqual([]);
    // No function may do two things with backups.
    for (const { name, roles } of functions)
      expect(roles.filter(({ on }) => on.startsWith('secrets/backup-')).length, name).toBeLessThan(2);
  });

  test('P25 nothing of the topology is left out', () => {
    expect(named('function')).toEqual(functions.map(({ name }) => name));
    expect(named('service-account')).toHaveLength(functions.length);
    expect(named('role')).toHaveLength(functions.flatMap(({ roles }) => roles).length);
    expect(named('topic')).toEqual(topics.flatMap((topic) => [topic, `${topic}-dead`]));
    expect(named('subscription')).toHaveLength(2 * subscriptions.length);
    expect(named('schedule')).toEqual(schedules.map(({ name }) => name));
    expect(named('database')).toEqual(databases.map(({ name }) => name));
    expect(new Set(wanted.map(({ kind, name }) => `${kind} ${name}`)).size).toBe(wanted.length);
  });

  test.each(wanted.map((one) => [`${one.kind} ${one.name}`, one] as const))(
    'P25 %s elsewhere is refused',
    (_name, { kind, name }) => {
      for (const location of ['us-central1', 'eu', 'eur3', 'europe-west3', 'EUROPE-WEST1', '']) {
        const moved = wanted.map((one) => (one.kind === kind && one.name === name ? { ...one, location } : one));
        expect(planProblems(moved, 'be+zrh')).toEqual([{ code: 'region-refused', kind, name, what: location }]);
      }
    },
  );

  test('P25 the backups of one residency are refused under the other, and nothing else may be beside them', () => {
    expect(planProblems(wanted, 'eu').map(({ name }) => name)).toEqual(['twinline-backups']);
    const vault = wanted.map((one) => (one.name === 'vault' ? { ...one, location: 'europe-west6' } : one));
    expect(planProblems(vault, 'be+zrh').map(({ name }) => name)).toEqual(['vault']);
  });

  test.each(keeping)('P26 a %s with %s is refused', (kind, setting, value) => {
    const changed = wanted.map((one) =>
      one.kind === kind ? { ...one, settings: { ...one.settings, [setting]: value } } : one,
    );
    const problems = planProblems(changed, 'be+zrh');
    expect(problems).toHaveLength(named(kind).length);
    expect(new Set(problems.map(({ code, what }) => `${code} ${what}`))).toEqual(
      new Set([`residue-refused ${setting}`]),
    );
    // A setting that is missing counts as wrong.
    const missing = wanted.map((one) =>
      one.kind === kind ? { ...one, settings: { ...one.settings, [setting]: 'unset' } } : one,
    );
    expect(planProblems(missing, 'be+zrh')).toHaveLength(named(kind).length);
  });

  test('P25 the command prints one JSON array of all resources and nothing else', () => {
    const run = (...words: readonly string[]): string =>
      execFileSync(process.execPath, ['infra/cli/plan.ts', ...words], { cwd: root, encoding: 'utf8' });
    expect(JSON.parse(run('--empty', '--json'))).toEqual(JSON.parse(JSON.stringify(wanted)));
    expect(run('--empty', '--residency', 'eu')).toMatch(/\d+ to create, 0 refused\n$/);
    expect(() => run('--json')).toThrow();
    expect(() => run('--empty', '--residency', 'us')).toThrow();
  });
});

describe('the start', () => {
  const located = (where: Readonly<Record<string, string>>) => async (name: string) => {
    const found = where[name.split('/').at(-1) ?? ''];
    if (found === undefined) throw new Error('unavailable');
    return found;
  };
  const names = databases.map(({ name }) => name);
  const allAt = (location: string) => Object.fromEntries(names.map((name) => [name, location]));

  test('P27 a start with everything in the region passes', async () => {
    const places = await databasePlaces('p', names, located(allAt(region)));
    expect(places.map(({ what }) => what)).toEqual(names.map((name) => `database ${name}`));
    expect(() => assertRegion(places, region)).not.toThrow();
    expect(() =>
      assertRegion([keyPlace('key data', `projects/p/locations/${region}/keyRings/r/cryptoKeys/k`)], region),
    ).not.toThrow();
  });

  test.each(['us-central1', 'eur3', 'nam5', 'europe-west3'])(
    'P27 a start with a database elsewhere is refused',
    async (location) => {
      for (const name of names) {
        const places = await databasePlaces('p', names, located({ ...allAt(region), [name]: location }));
        expect(() => assertRegion(places, region)).toThrow('region-refused');
      }
    },
  );

  test.each(['projects/p/locations/global/keyRings/r/cryptoKeys/k', 'projects/p/locations/us-east1/keyRings/r/x', 'k'])(
    'P27 a start with the key %s is refused',
    (name) => {
      expect(() => assertRegion([keyPlace('key data', name)], region)).toThrow('region-refused');
    },
  );

  test('P27 a database that cannot be asked keeps nobody from starting, and one elsewhere still does', async () => {
    const [first = ''] = names;
    const places = await databasePlaces('p', names, located({ [first]: 'us-central1' }));
    expect(places).toEqual([{ what: `database ${first}`, location: 'us-central1' }]);
    expect(() => assertRegion(places, region)).toThrow('region-refused');
    expect(() => assertRegion([], region)).not.toThrow();
  });
});
