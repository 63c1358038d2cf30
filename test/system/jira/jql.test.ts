import { beforeAll, describe, expect, it } from 'vitest';
import { addComment } from '../../../infra/local/jira/model/comments.ts';
import { createIssue, deleteIssue, editIssue } from '../../../infra/local/jira/model/issues.ts';
import type { JiraProblem } from '../../../infra/local/jira/model/problem.ts';
import { setIssueProperty } from '../../../infra/local/jira/model/propertyWrites.ts';
import { seeded } from '../../../infra/local/jira/model/random.ts';
import { search } from '../../../infra/local/jira/model/search.ts';
import type { Act } from '../../../infra/local/jira/model/types.ts';
import { makeWorld } from '../../../infra/local/jira/model/world.ts';
import { START, doc } from './standIn.ts';

const LAG_MS = 3_000;
const MINUTE = 60_000;
const DAY = 86_400_000;

function fresh(): Act {
  const world = makeWorld([{ name: 'one', projects: [{ key: 'ABC' }, { key: 'XYZ' }] }], seeded(1), LAG_MS);
  const site = world.sites.get('one')!;
  site.indexed.push(
    { propertyKey: 'marker', path: 'of', type: 'string' },
    { propertyKey: 'marker', path: 'n', type: 'number' },
  );
  return { world, site, actor: [...world.people.values()][0]!, now: START };
}

const at = (act: Act, now: number): Act => ({ ...act, now });

describe('a query', () => {
  let act: Act;
  beforeAll(() => {
    const begin = fresh();
    const make = (minutes: number, fields: Record<string, unknown>) =>
      createIssue(at(begin, START + minutes * MINUTE), {
        fields: { project: { key: 'ABC' }, issuetype: { name: 'Task' }, summary: 'Plain', ...fields },
      });
    make(0, { labels: ['red', 'blue'], priority: { name: 'High' }, duedate: '2026-12-01' });
    const two = make(1, {
      issuetype: { name: 'Bug' },
      summary: 'Login fails',
      assignee: { accountId: begin.actor.accountId },
    });
    make(2, { description: doc('The login page is slow') });
    make(3, { project: { key: 'XYZ' }, labels: ['red'] });
    setIssueProperty(at(begin, START + 4 * MINUTE), two.id, 'marker', { of: 'beta:10', n: 5 });
    addComment(at(begin, START + 5 * MINUTE), two.id, { body: doc('Zebra') });
    act = at(begin, START + DAY);
  });

  const finds: readonly (readonly [jql: string, keys: readonly string[]])[] = [
    ['project = ABC ORDER BY created ASC', ['ABC-1', 'ABC-2', 'ABC-3']],
    ['project = abc', ['ABC-3', 'ABC-2', 'ABC-1']],
    ['project in (ABC, XYZ) order by key desc', ['XYZ-1', 'ABC-3', 'ABC-2', 'ABC-1']],
    ['project != ABC', ['XYZ-1']],
    ['issuetype = Bug', ['ABC-2']],
    ['type not in (Bug) AND project = ABC ORDER BY id', ['ABC-1', 'ABC-3']],
    ['labels = red ORDER BY key', ['ABC-1', 'XYZ-1']],
    ['labels in (blue, green)', ['ABC-1']],
    ['labels != blue', ['XYZ-1']],
    ['labels is EMPTY ORDER BY key', ['ABC-2', 'ABC-3']],
    ['labels is not empty AND NOT project = XYZ', ['ABC-1']],
    ['assignee = currentUser()', ['ABC-2']],
    ['assignee is EMPTY AND project = XYZ', ['XYZ-1']],
    ['priority = High OR issuetype = "Bug" ORDER BY key', ['ABC-1', 'ABC-2']],
    ['status = "To Do" AND (labels = red OR labels = none) ORDER BY key', ['ABC-1', 'XYZ-1']],
    ['statusCategory = Done', []],
    ['key = ABC-2', ['ABC-2']],
    ['issuekey in (ABC-1, xyz-1) ORDER BY key', ['ABC-1', 'XYZ-1']],
    ['created >= "2026-11-23 10:02" ORDER BY key', ['ABC-3', 'XYZ-1']],
    ['created < "2026/11/23 10:01"', ['ABC-1']],
    [`updated >= ${START + 4 * MINUTE}`, ['ABC-2']],
    ['updated > -1h AND project = ABC', []],
    ['created > -2d AND project = XYZ', ['XYZ-1']],
    ['due <= 2026-12-01', ['ABC-1']],
    ['resolution is EMPTY AND project = XYZ', ['XYZ-1']],
    ['resolution = Unresolved AND project = ABC ORDER BY key', ['ABC-1', 'ABC-2', 'ABC-3']],
    ['resolution != Done', []],
    ['resolution is EMPTY AND project = XYZ', ['XYZ-1']],
    ['summary ~ "login"', ['ABC-2']],
    ['text ~ "login" ORDER BY key', ['ABC-2', 'ABC-3']],
    ['text ~ zeb*', ['ABC-2']],
    ['summary !~ login AND project = ABC ORDER BY key', ['ABC-1', 'ABC-3']],
    ['issue.property[marker].of = "beta:10"', ['ABC-2']],
    ['issue.property["marker"].of in ("beta:9", "beta:10")', ['ABC-2']],
    ['issue.property[marker].n > 4', ['ABC-2']],
    ['issue.property[marker].of is EMPTY AND project = XYZ', ['XYZ-1']],
    [
      'project = ABC AND issuetype = Task && labels = red || key = XYZ-1 ORDER BY priority DESC, key ASC',
      ['ABC-1', 'XYZ-1'],
    ],
  ];
  it.each(finds)('%s', (jql, keys) => {
    expect(search(act, jql).map((issue) => issue.key)).toEqual(keys);
  });

  const wrong: readonly (readonly [jql: string, says: RegExp])[] = [
    ['', /Unbounded/],
    ['ORDER BY created', /Unbounded/],
    ['colour = red', /Field 'colour' does not exist/],
    ['project = NONE', /value 'NONE' does not exist for the field 'project'/],
    ['status = Sleeping', /'Sleeping' does not exist for the field 'status'/],
    ['key = ABC-99', /issue with key 'ABC-99' does not exist/],
    ['project', /expecting an operator/],
    ['project =', /expecting a value/],
    ['project = ABC AND', /expecting a field name/],
    ['project = ABC labels = red', /expecting either 'OR' or 'AND'/],
    ['(project = ABC', /expecting '\)'/],
    ['labels in (red', /expecting '\)'/],
    ['project ~ ABC', /operator '~' is not supported/],
    ['summary = login', /operator '=' is not supported/],
    ['assignee = someFunction()', /Unable to find JQL function 'someFunction\(\)'/],
    ['created > yesterday', /Date value 'yesterday' for field 'created' is invalid/],
    ['project = ABC ORDER BY colour', /Not able to sort/],
    ['issue.property[other].of = 1', /does not exist/],
    ['issue.property[marker].secret = 1', /does not exist/],
    ['summary ~ "open', /unexpected character/],
    [`${'('.repeat(200)}project = ABC${')'.repeat(200)}`, /nested too deeply/],
    [`summary ~ ${'a'.repeat(10_001)}`, /too long/],
  ];
  it.each(wrong)('is refused with 400: %s', (jql, says) => {
    try {
      search(act, jql);
      expect.unreachable();
    } catch (problem) {
      expect((problem as JiraProblem).status).toBe(400);
      expect((problem as JiraProblem).body.errorMessages.join()).toMatch(says);
    }
  });
});

describe('a query over fields of all kinds', () => {
  let act: Act;
  beforeAll(() => {
    const project = {
      key: 'ABC',
      components: ['API'],
      versions: ['1.0', { name: '0.9', released: true }],
      boards: [
        {
          name: 'B',
          sprints: [
            { name: 'One', state: 'active' as const },
            { name: 'Two', state: 'future' as const },
          ],
        },
      ],
    };
    const world = makeWorld([{ name: 'one', projects: [project] }], seeded(1), 0);
    const site = world.sites.get('one')!;
    act = { world, site, actor: [...world.people.values()][0]!, now: START };
    const id = (name: string): string => site.fields.find((field) => field.name === name)!.id;
    const make = (fields: Record<string, unknown>): string =>
      createIssue(act, {
        fields: { project: { key: 'ABC' }, issuetype: { name: 'Story' }, summary: 'Plain', ...fields },
      }).key;
    const epic = make({ issuetype: { name: 'Epic' } });
    make({
      parent: { key: epic },
      components: [{ name: 'API' }],
      fixVersions: [{ name: '1.0' }],
      versions: [{ name: '0.9' }],
      duedate: '2026-12-01',
      timetracking: { originalEstimate: '5h' },
      environment: doc('Under water'),
      [id('Story point estimate')]: 5,
      [id('Customer')]: 'Acme Boats',
      [id('Severity')]: { value: 'Severe' },
      [id('Start date')]: '2026-11-01',
      [id('Go-live')]: '2026-12-24T18:00:00.000+0000',
      [id('Platforms')]: [{ value: 'iOS' }, { value: 'Android' }],
      [id('Region')]: { value: 'Europe', child: { value: 'Berlin' } },
      [id('Contact')]: { accountId: act.actor.accountId },
      [id('Topics')]: ['sea'],
      [id('Website')]: 'https://boats.example',
      [id('Sprint')]: 1,
    });
    make({ [id('Story point estimate')]: 1, [id('Region')]: { value: 'Europe' } });
  });

  const finds: readonly (readonly [jql: string, keys: readonly string[]])[] = [
    ['component = API', ['ABC-2']],
    ['component = api AND component is not EMPTY', ['ABC-2']],
    ['fixVersion = 1.0', ['ABC-2']],
    ['fixVersion in unreleasedVersions()', ['ABC-2']],
    ['affectedVersion in releasedVersions()', ['ABC-2']],
    ['due < 2026-12-02', ['ABC-2']],
    ['duedate is EMPTY ORDER BY key', ['ABC-1', 'ABC-3']],
    ['parent = ABC-1', ['ABC-2']],
    ['parent is EMPTY AND issuetype = Story', ['ABC-3']],
    ['resolution = Unresolved ORDER BY key', ['ABC-1', 'ABC-2', 'ABC-3']],
    ['environment ~ water', ['ABC-2']],
    ['originalEstimate >= 5h', ['ABC-2']],
    ['remainingEstimate is EMPTY ORDER BY key', ['ABC-1', 'ABC-3']],
    ['"Story point estimate" > 1', ['ABC-2']],
    ['cf[10016] in (1, 2)', ['ABC-3']],
    ['"story point estimate" is not EMPTY ORDER BY "Story point estimate" DESC', ['ABC-2', 'ABC-3']],
    ['Customer ~ acme', ['ABC-2']],
    ['Customer is EMPTY ORDER BY key', ['ABC-1', 'ABC-3']],
    ['Severity in (Severe, Minor)', ['ABC-2']],
    ['Severity != Minor', ['ABC-2']],
    ['"Start date" <= 2026-11-01', ['ABC-2']],
    ['"Go-live" > "2026-12-24 17:00"', ['ABC-2']],
    ['Platforms = iOS AND Platforms = Android', ['ABC-2']],
    ['Region = Europe ORDER BY key', ['ABC-2', 'ABC-3']],
    ['Region in cascadeOption(Europe, Berlin)', ['ABC-2']],
    ['Contact = currentUser()', ['ABC-2']],
    ['Topics = sea', ['ABC-2']],
    ['Website = "https://boats.example"', ['ABC-2']],
    ['sprint = One', ['ABC-2']],
    ['sprint in openSprints()', ['ABC-2']],
    ['sprint in (Two)', []],
    ['sprint in futureSprints()', []],
  ];
  it.each(finds)('%s', (jql, keys) => {
    expect(search(act, jql).map((issue) => issue.key)).toEqual(keys);
  });

  const wrong: readonly (readonly [jql: string, says: RegExp])[] = [
    ['component = None', /value 'None' does not exist for the field 'component'/],
    ['Severity = Awful', /value 'Awful' does not exist for the field 'Severity'/],
    ['"Story point estimate" > many', /value 'many' is not valid/],
    ['"Story point estimate" ~ 1', /operator '~' is not supported/],
    ['Customer = Acme', /operator '=' is not supported by the 'Customer' field/],
    ['"Go-live" > tomorrow', /Date value 'tomorrow'/],
    ['sprint in lateSprints()', /Unable to find JQL function 'lateSprints\(\)'/],
    ['sprint in One', /does not take the single value/],
    ['project = ABC ORDER BY Severity', /Not able to sort/],
    ['cf[1] = 1', /does not exist/],
  ];
  it.each(wrong)('is refused with 400: %s', (jql, says) => {
    expect(() => search(act, jql)).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringMatching(says) }),
    );
  });
});

describe('the index', () => {
  const keys = (act: Act, jql: string, reconcile: readonly string[] = []) =>
    search(act, jql, new Set(reconcile)).map((issue) => issue.key);

  it('does not know a new issue until its lag is over, except when asked to reconcile', () => {
    const act = fresh();
    const { id } = createIssue(act, { fields: { project: { key: 'ABC' }, issuetype: { name: 'Task' }, summary: 'x' } });
    expect(keys(at(act, START + LAG_MS - 1), 'project = ABC')).toEqual([]);
    expect(keys(at(act, START + LAG_MS - 1), 'project = ABC', [id])).toEqual(['ABC-1']);
    expect(keys(at(act, START + LAG_MS), 'project = ABC')).toEqual(['ABC-1']);
  });

  it('shows the state before an edit and the one before the last of several, each in its time', () => {
    const act = fresh();
    const { id } = createIssue(act, {
      fields: { project: { key: 'ABC' }, issuetype: { name: 'Task' }, summary: 'one' },
    });
    const [first, second] = [START + DAY, START + DAY + 1_000];
    editIssue(at(act, first), id, { fields: { summary: 'two' } });
    editIssue(at(act, second), id, { fields: { summary: 'three' } });
    const seen = (now: number) =>
      ['one', 'two', 'three'].filter((word) => keys(at(act, now), `summary ~ ${word}`).length > 0);
    expect(seen(second)).toEqual(['one']);
    expect(seen(first + LAG_MS)).toEqual(['two']);
    expect(seen(second + LAG_MS)).toEqual(['three']);
  });

  it('learns of a property as late as of everything else', () => {
    const act = fresh();
    const { id } = createIssue(act, { fields: { project: { key: 'ABC' }, issuetype: { name: 'Task' }, summary: 'x' } });
    setIssueProperty(at(act, START + DAY), id, 'marker', { of: 'b' });
    const jql = 'issue.property[marker].of = b';
    expect([keys(at(act, START + DAY + 1), jql), keys(at(act, START + DAY + LAG_MS), jql)]).toEqual([[], ['ABC-1']]);
  });

  it('no longer returns a deleted issue', () => {
    const act = fresh();
    const { id } = createIssue(act, { fields: { project: { key: 'ABC' }, issuetype: { name: 'Task' }, summary: 'x' } });
    deleteIssue(at(act, START + DAY), id, false);
    expect(keys(at(act, START + DAY), 'project = ABC')).toEqual([]);
  });
});
