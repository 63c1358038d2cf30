/** What Jira's answers become, and what our fields become for Jira. */
import { describe, expect, test } from 'vitest';
import { fieldsToWrite, refusedFields } from '../../../shared/jira/fields.ts';
import { accountId } from '../../../shared/model/ids.ts';
import { Fault } from '../../../shared/verdict.ts';
import {
  parseAlong,
  parseComments,
  parseCreateMeta,
  parseIssue as parse,
  parseTransitions,
} from '../../../shared/wire/jira.ts';
import { parseSiteFields, readValue, systemOnly } from '../../../shared/wire/jiraFields.ts';
import { coreFields } from '../../kit/syncBuilders.ts';

const ISSUE = {
  id: '10001',
  key: 'ABC-1',
  fields: {
    summary: 'One',
    labels: ['b', 'a', 'b'],
    priority: null,
    issuetype: { name: 'Bug', subtask: false },
    project: { key: 'ABC' },
    created: '2026-11-23T10:00:00.000+0000',
    updated: '2026-11-23T12:00:00.000+0200',
  },
};

const parseIssue = (body: unknown) => parse(body, systemOnly, coreFields);

describe('an issue', () => {
  test('keeps apart what is empty and what cannot be seen', () => {
    const { fields, createdAt, updatedAt } = parseIssue(ISSUE);
    expect(fields).toEqual({ summary: 'One', labels: ['a', 'b'], priority: null, issueType: 'Bug' });
    expect([createdAt, updatedAt]).toEqual([Date.UTC(2026, 10, 23, 10), Date.UTC(2026, 10, 23, 10)]);
  });

  test('takes the latest change of each field, whatever the order and with or without fieldId', () => {
    const at = (hour: number, items: readonly object[]) => ({ created: `2026-11-23T${hour}:00:00.000+0000`, items });
    const histories = [
      at(12, [{ field: 'Summary', fieldId: 'summary' }]),
      at(14, [{ field: 'status' }]),
      at(13, [{ field: 'summary' }, { field: 'Sprint' }]),
    ];
    const { changedAt } = parseIssue({ ...ISSUE, changelog: { histories } });
    const [one, two] = [Date.UTC(2026, 10, 23, 13), Date.UTC(2026, 10, 23, 14)];
    expect(changedAt).toEqual({ summary: one, sprint: one, status: two });
  });

  test('tells who changed a field last, and which elements of sets came in by a person’s hand', () => {
    const at = (hour: number, accountType: string, items: readonly object[]) => ({
      ...{ id: String(hour), created: `2026-11-23T${hour}:00:00.000+0000`, author: { accountType } },
      items: items.map((item) => ({ from: null, fromString: null, to: null, ...item })),
    });
    const histories = [
      at(13, 'app', [{ field: 'labels', fromString: 'old', toString: 'old red blue' }]),
      at(12, 'atlassian', [{ field: 'labels', fromString: '', toString: 'old' }]),
      at(14, 'atlassian', [{ field: 'labels', fromString: 'old red blue', toString: 'old blue' }]),
      at(15, 'atlassian', [{ field: 'labels', fromString: 'old blue', toString: 'old blue red' }]),
      at(16, 'app', [
        { field: 'Component', fieldId: 'components', to: '1', toString: 'Core' },
        { field: 'summary', fromString: 'One', toString: 'Two' },
      ]),
      at(17, 'atlassian', [{ field: 'Component', fieldId: 'components', from: '1', fromString: 'Core' }]),
    ];
    const found = parseIssue({ ...ISSUE, changelog: { histories } });
    const hour = (number: number) => Date.UTC(2026, 10, 23, number);
    expect(found.putByPeople).toEqual({ labels: ['old', 'red'] });
    expect(found.appChangedAt).toEqual({ labels: hour(13), components: hour(16), summary: hour(16) });
    expect(found.changedByApp).toEqual(['summary']);
  });

  test('S104 tells which links to other issues and to elsewhere people made, by the words and ids of its changelog', () => {
    const type = { name: 'Blocks', inward: 'is blocked by', outward: 'blocks' };
    const issuelinks = [
      { id: '1', type, outwardIssue: { id: '11', key: 'ABC-1' } },
      { id: '2', type, inwardIssue: { id: '12', key: 'ABC-2' } },
      { id: '3', type, outwardIssue: { id: '13', key: 'ABC-3' } },
    ];
    const made = (hour: number, accountType: string, field: string, to: string, text: string) => ({
      ...{ id: String(hour), created: `2026-11-23T${hour}:00:00.000+0000`, author: { accountType } },
      items: [{ field, from: null, fromString: null, to, toString: text }],
    });
    const histories = [
      made(12, 'app', 'Link', 'ABC-1', 'This issue blocks ABC-1'),
      made(13, 'atlassian', 'Link', 'ABC-2', 'This issue is blocked by ABC-2'),
      made(14, 'atlassian', 'Link', 'ABC-1', 'This issue blocks ABC-1'),
      made(15, 'app', 'Link', 'ABC-3', 'This issue blocks ABC-3'),
      made(16, 'atlassian', 'RemoteIssueLink', '77', 'This issue links to "Page (Web Link)"'),
      made(17, 'app', 'RemoteIssueLink', '78', 'This issue links to "Page (Web Link)"'),
    ];
    const body = { ...ISSUE, fields: { ...ISSUE.fields, issuelinks }, changelog: { histories } };
    expect(parse(body, systemOnly, [...coreFields, 'links']).putByPeople).toEqual({
      links: ['inward:12:Blocks', 'outward:11:Blocks'],
      remoteLinks: ['77'],
    });
  });

  test('takes a marker only in its own form', () => {
    const marked = (value: unknown) => parseIssue({ ...ISSUE, properties: { twinline: value } }).marker;
    expect(marked({ twin: 'w-1', origin: 'a', source: '7' })).toEqual({ twin: 'w-1', origin: 'a', source: '7' });
    for (const odd of [undefined, null, 'w-1', { twin: 7 }, { twin: 'x'.repeat(65) }])
      expect(marked(odd)).toBeUndefined();
  });

  test('that is odd is a fault which names the path and not the value', () => {
    const odd = { ...ISSUE, fields: { ...ISSUE.fields, summary: { secret: 'x' } } };
    expect(() => parseIssue(odd)).toThrow(Fault);
    try {
      parseIssue(odd);
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'jira-answer-odd', facts: { path: 'fields.summary' } });
      expect(JSON.stringify(thrown)).not.toContain('secret');
    }
  });
});

test('a comment is restricted by visibility or by JSM', () => {
  const plain = { id: '1', created: ISSUE.fields.created, updated: ISSUE.fields.created };
  const cases = [
    plain,
    { ...plain, visibility: { type: 'role' } },
    { ...plain, jsdPublic: false },
    { ...plain, jsdPublic: true },
  ];
  const { comments } = parseComments({ comments: cases, total: 4 });
  expect(comments.map(({ isRestricted }) => isRestricted)).toEqual([false, true, true, false]);
});

test('a transition that cannot be made now is not offered', () => {
  const to = { name: 'Done' };
  const transitions = [
    { id: '1', to },
    { id: '2', to, isAvailable: false },
    { id: '3', to, isAvailable: true },
  ];
  expect(parseTransitions({ transitions }, systemOnly).map(({ id }) => id)).toEqual(['1', '3']);
});

describe('fields for a request', () => {
  const screen = parseCreateMeta(
    {
      fields: [
        ...['summary', 'assignee', 'reporter', 'description'].map((fieldId) => ({ fieldId })),
        { fieldId: 'priority', allowedValues: [{ id: '2', name: 'High' }] },
      ],
    },
    systemOnly,
  );

  test('are ids of the screen’s lists, accounts, and no status', () => {
    const account = accountId('abc');
    const replica = {
      summary: 'x',
      priority: 'High',
      assignee: account,
      reporter: null,
      description: null,
      status: 'Done',
    };
    expect(fieldsToWrite(replica, screen)).toEqual({
      fields: {
        summary: 'x',
        priority: { id: '2' },
        assignee: { accountId: 'abc' },
        reporter: null,
        description: null,
      },
      refused: {},
    });
  });

  test('leave out what the screen lacks or the list does not know', () => {
    const { fields, refused } = fieldsToWrite({ priority: 'Odd', labels: ['x'], summary: 'x' }, screen);
    expect(fields).toEqual({ summary: 'x' });
    expect(refused).toEqual({ priority: 'value-unknown', labels: 'field-not-on-screen' });
  });

  test('that Jira refuses have a code each', () => {
    const errors = {
      assignee: 'no',
      priority: 'no',
      summary: 'no',
      labels: "Field 'labels' cannot be set.",
      sprint: 'no',
    };
    expect(refusedFields(errors, systemOnly)).toEqual({
      assignee: 'user-not-assignable',
      priority: 'value-unknown',
      summary: 'field-refused',
      labels: 'field-not-on-screen',
    });
  });
});

describe('the fields of a site', () => {
  const custom = (id: string, name: string, type: string) => ({
    id,
    name,
    schema: { custom: `com.atlassian.jira.plugin.system.customfieldtypes:${type}` },
  });
  const site = parseSiteFields([
    { id: 'summary', name: 'Summary', schema: { type: 'string', system: 'summary' } },
    custom('customfield_10001', 'Severity', 'select'),
    custom('customfield_10002', 'Severity', 'textfield'),
    custom('customfield_10003', 'Severity', 'radiobuttons'),
    custom('customfield_10004', 'Checksum', 'readonlyfield'),
    { id: 'customfield_10005', name: 'Sprint', schema: { custom: 'com.pyxis.greenhopper.jira:gh-sprint' } },
  ]);

  test('are known by kind and name, of two alike the first', () => {
    expect(site.idOf('custom:option:Severity')).toBe('customfield_10001');
    expect(site.idOf('custom:text:Severity')).toBe('customfield_10002');
    expect(site.nameOf('customfield_10003')).toBeUndefined();
    expect(site.idOf('sprint')).toBe('customfield_10005');
    expect(site.custom).toEqual(['custom:option:Severity', 'custom:text:Severity']);
  });

  test('of a kind that cannot be synced have no name', () => {
    expect(site.nameOf('customfield_10004')).toBeUndefined();
  });

  test.each([
    ['custom:dateTime:X', '2026-11-25T15:20:00.000+0100', '2026-11-25T14:20:00.000Z'],
    ['custom:cascade:X', { value: 'Europe', child: { value: 'Berlin' } }, ['Europe', 'Berlin']],
    ['custom:options:X', [{ value: 'b' }, { value: 'a' }], ['a', 'b']],
    ['custom:options:X', null, []],
    ['components', [{ name: 'Core' }], ['Core']],
    [
      'sprint',
      [
        { name: 'One', state: 'closed' },
        { name: 'Two', state: 'active' },
      ],
      'Two',
    ],
    ['sprint', [{ name: 'One', state: 'closed' }], null],
    ['parent', { id: '7', key: 'A-1' }, '7'],
    ['links', [{ id: '1', type: { name: 'Blocks' }, outwardIssue: { id: '9' } }], ['outward:9:Blocks']],
    ['originalEstimate', 3_600, 3_600],
  ] as const)('read %s', (field, raw, value) => {
    expect(readValue(field, 'x', raw)).toEqual(value);
  });

  test('an odd value is a fault that names the field’s id and not the value', () => {
    expect(() => readValue('custom:number:X', 'customfield_1', 'geheim')).toThrow(Fault);
    try {
      readValue('custom:number:X', 'customfield_1', 'geheim');
    } catch (thrown) {
      expect(JSON.stringify(thrown)).not.toContain('geheim');
    }
  });
});

describe('the lists that come along with an issue', () => {
  const said = (id: string, created: string) => ({ id, created, updated: created });
  const two = [said('2', '2026-01-02T00:00:00.000+0000'), said('1', '2026-01-01T00:00:00.000+0000')];
  const along = (comment: unknown, worklog?: unknown) => parseAlong({ fields: { comment, worklog } });

  test('S91 count when all of a list is there, oldest first', () => {
    expect(along({ comments: two, total: 2 }).comments?.map(({ id }) => id)).toEqual(['1', '2']);
    expect(along({ comments: [], total: 0 }).comments).toEqual([]);
    expect(along(undefined, { total: 0 }).hasNoWorklogs).toBe(true);
  });

  test('S91 tell which comments no app has written, and so are no copies of ours', () => {
    const byOf = (author: unknown) => {
      const one = { ...said('1', '2026-01-01T00:00:00.000+0000'), ...(author === undefined ? {} : { author }) };
      return along({ comments: [one], total: 1 }).comments?.[0]?.isByPerson;
    };
    expect(byOf({ accountId: 'a', accountType: 'atlassian' })).toBe(true);
    expect(byOf({ accountId: 'a', accountType: 'customer' })).toBe(true);
    const others = [
      undefined,
      { accountId: 'a' },
      { accountId: 'a', accountType: 'app' },
      { accountType: 'atlassian' },
    ];
    for (const author of [...others, { accountId: 'a', accountType: 'unknown' }]) expect(byOf(author)).toBeUndefined();
  });

  test('S134 tell who wrote a comment last, where the site does', () => {
    const editorOf = (updateAuthor?: unknown) =>
      along({ comments: [{ ...said('1', '2026-01-01T00:00:00.000+0000'), updateAuthor }], total: 1 }).comments?.[0]
        ?.editor;
    expect(editorOf({ accountId: 'a' })).toBe('a');
    expect([editorOf(), editorOf({}), editorOf({ accountId: '' })]).toEqual([undefined, undefined, undefined]);
  });

  test('S91 are for their own operation when a part is missing, or they are not in the answer', () => {
    expect(along({ comments: two, total: 3 }).comments).toBeUndefined();
    expect(along(undefined).comments).toBeUndefined();
    expect(along(undefined).hasNoWorklogs).toBe(false);
    expect(along(undefined, { total: 1 }).hasNoWorklogs).toBe(false);
  });
});
