import { describe, expect, it } from 'vitest';
import type { ProjectSpec } from '../../../infra/local/jira/model/world.ts';
import { makeWorld } from '../../../infra/local/jira/model/world.ts';
import { addComment, deleteComment, listComments, updateComment } from '../../../infra/local/jira/model/comments.ts';
import {
  createIssue,
  deleteIssue,
  editIssue,
  transitionIssue,
  transitionsOf,
} from '../../../infra/local/jira/model/issues.ts';
import { JiraProblem } from '../../../infra/local/jira/model/problem.ts';
import { seeded } from '../../../infra/local/jira/model/random.ts';
import { findIssue } from '../../../infra/local/jira/model/records.ts';
import { exportWorld, importWorld } from '../../../infra/local/jira/model/state.ts';
import type { Act } from '../../../infra/local/jira/model/types.ts';
import { START, doc } from './standIn.ts';

const PROJECTS: readonly ProjectSpec[] = [
  { key: 'ABC', components: ['API'] },
  { key: 'OLD', workflow: 'classic', editScreen: ['summary', 'assignee', 'reporter'] },
];

/** The n-th default person (0 administers) on a site of their own. */
function acting(person = 0): Act {
  const world = makeWorld(
    [
      { name: 'one', projects: PROJECTS },
      { name: 'two', projects: PROJECTS },
    ],
    seeded(1),
    3_000,
  );
  const site = world.sites.get('one')!;
  return { world, site, actor: [...world.people.values()][person]!, now: START };
}

function as(act: Act, person: number, laterMs = 0): Act {
  return { ...act, actor: [...act.world.people.values()][person]!, now: act.now + laterMs };
}

/** The status and the named errors of a refusal. */
function refusal(deed: () => unknown): { status: number; errors: Record<string, string>; messages: readonly string[] } {
  try {
    deed();
  } catch (problem) {
    if (problem instanceof JiraProblem)
      return { status: problem.status, errors: problem.body.errors, messages: problem.body.errorMessages };
    throw problem;
  }
  throw new Error('was not refused');
}

const FIELDS = { project: { key: 'ABC' }, issuetype: { name: 'Task' }, summary: 'Something' };

describe('creating an issue', () => {
  const wrong: readonly (readonly [why: string, field: string, fields: Record<string, unknown>])[] = [
    ['a label with a space', 'labels', { labels: ['a b'] }],
    ['an empty summary', 'summary', { summary: '  ' }],
    ['a summary of two lines', 'summary', { summary: 'a\nb' }],
    ['a summary of 256 characters', 'summary', { summary: 'a'.repeat(256) }],
    ['a string as description', 'description', { description: 'text' }],
    ['a description longer than 32,767 characters', 'description', { description: doc('a'.repeat(32_768)) }],
    ['an unknown priority', 'priority', { priority: { name: 'Soon' } }],
    ['an unknown issue type', 'issuetype', { issuetype: { name: 'Wish' } }],
    ['an unknown assignee', 'assignee', { assignee: { accountId: 'nobody' } }],
    ['a field that is on no screen', 'resolution', { resolution: { name: 'Done' } }],
    ['an unknown project', 'project', { project: { key: 'NONE' } }],
    ['an unknown component', 'components', { components: [{ name: 'None' }] }],
    ['a sub-task without a parent', 'parentId', { issuetype: { name: 'Sub-task' } }],
    ['a due date that is none', 'duedate', { duedate: '23.11.2026' }],
  ];
  it.each(wrong)('is refused with 400 for %s, naming %s', (_why, field, fields) => {
    const { status, errors } = refusal(() => createIssue(acting(), { fields: { ...FIELDS, ...fields } }));
    expect([status, Object.keys(errors)]).toEqual([400, [field]]);
  });

  it('names every wrong field at once', () => {
    const { errors } = refusal(() =>
      createIssue(acting(), { fields: { ...FIELDS, labels: ['a b'], priority: { name: 'Soon' } } }),
    );
    expect(Object.keys(errors).sort()).toEqual(['labels', 'priority']);
  });

  it('says of a string what Jira says', () => {
    expect(refusal(() => createIssue(acting(), { fields: { ...FIELDS, description: 'text' } })).errors).toEqual({
      description: 'Operation value must be an Atlassian Document (see the Atlassian Document Format)',
    });
  });

  it('trims the summary, keeps each label once in the order given, and fills in reporter and priority', () => {
    const act = acting(1);
    const issue = createIssue(act, { fields: { ...FIELDS, summary: ' x ', labels: ['b', 'a', 'b'] } });
    expect(issue.values).toMatchObject({ summary: 'x', labels: ['b', 'a'], reporter: act.actor.accountId });
    expect(act.site.priorities.find((priority) => priority.id === issue.values['priority'])!.name).toBe('Medium');
  });

  it('refuses an assignee who was deactivated', () => {
    const act = acting();
    const ben = [...act.world.people.values()][1]!;
    act.world.people.set(ben.accountId, { ...ben, active: false });
    expect(
      refusal(() => createIssue(act, { fields: { ...FIELDS, assignee: { accountId: ben.accountId } } })).errors,
    ).toHaveProperty('assignee');
  });

  it('gives ids of statuses, types and transitions that no other site uses', () => {
    const { world } = acting();
    const [one, two] = [...world.sites.values()];
    const idsOf = (site: typeof one): string[] => [
      ...site!.statuses.map((status) => `status ${status.id}`),
      ...site!.issueTypes.map((type) => `type ${type.id}`),
      ...site!.priorities.map((priority) => `priority ${priority.id}`),
      ...[...site!.projects.values()].flatMap((project) =>
        project.workflow.transitions.map((step) => `step ${step.id}`),
      ),
    ];
    const others = new Set(idsOf(two));
    expect(idsOf(one).filter((id) => others.has(id))).toEqual([]);
  });
});

describe('editing an issue', () => {
  it('writes one history with the fields that differ, and nothing when none does', () => {
    const act = acting();
    const { id } = createIssue(act, { fields: FIELDS });
    editIssue(as(act, 0, 1_000), id, { fields: { summary: 'New', labels: ['x'] } });
    editIssue(as(act, 0, 2_000), id, { fields: { summary: ' New ' } });
    const { record } = findIssue(act, id);
    expect(record.histories.map((history) => history.items)).toMatchObject([
      [
        { field: 'summary', fromString: 'Something', toString: 'New' },
        { field: 'labels', fromString: '', toString: 'x' },
      ],
    ]);
    expect(record.issue.updatedAt).toBe(START + 1_000);
    expect(act.site.happenings.map((one) => one.event)).toEqual(['jira:issue_created', 'jira:issue_updated']);
  });

  it('changes nothing when a comment that comes along is refused', () => {
    const act = acting();
    const { id } = createIssue(act, { fields: FIELDS });
    const input = { fields: { summary: 'New' }, update: { comment: [{ add: { body: 'text' } }] } };
    expect(refusal(() => editIssue(act, id, input)).status).toBe(400);
    expect(findIssue(act, id).issue.values['summary']).toBe('Something');
  });

  it('adds and removes single labels', () => {
    const act = acting();
    const { id } = createIssue(act, { fields: { ...FIELDS, labels: ['a', 'b'] } });
    editIssue(act, id, { update: { labels: [{ add: 'c' }, { remove: 'a' }] } });
    expect(findIssue(act, id).issue.values['labels']).toEqual(['b', 'c']);
  });

  it('refuses a field that is not on the edit screen', () => {
    const act = acting();
    const { id } = createIssue(act, { fields: { ...FIELDS, project: { key: 'OLD' } } });
    expect(refusal(() => editIssue(act, id, { fields: { labels: [] } }))).toMatchObject({
      status: 400,
      errors: { labels: "Field 'labels' cannot be set. It is not on the appropriate screen, or unknown." },
    });
  });

  it('refuses a reporter from whoever may not change it in the words of a missing field', () => {
    const act = acting();
    const { id } = createIssue(act, { fields: FIELDS });
    const { errors } = refusal(() =>
      editIssue(as(act, 1), id, { fields: { reporter: { accountId: act.actor.accountId } } }),
    );
    expect(errors['reporter']).toContain('cannot be set');
  });
});

describe('the workflow of the dumps', () => {
  const steps: readonly (readonly [from: readonly string[], offered: readonly string[]])[] = [
    [[], ['In Progress', 'Resolved']],
    [['In Progress'], ['Open', 'In Review', 'Resolved']],
    [
      ['In Progress', 'In Review'],
      ['In Progress', 'In QE Test'],
    ],
    [
      ['In Progress', 'In Review', 'In QE Test'],
      ['In Progress', 'Resolved'],
    ],
    [['Resolved'], ['Closed', 'Reopened']],
    [['Resolved', 'Closed'], ['Reopened']],
    [
      ['Resolved', 'Reopened'],
      ['In Progress', 'Resolved'],
    ],
  ];
  it.each(steps)('after %j offers exactly %j', (path, offered) => {
    const act = acting();
    const { id } = createIssue(act, { fields: { ...FIELDS, project: { key: 'OLD' } } });
    const nameOf = (statusId: string) => act.site.statuses.find((status) => status.id === statusId)!.name;
    for (const status of path) {
      const way = transitionsOf(findIssue(act, id)).find((step) => nameOf(step.to) === status)!;
      transitionIssue(act, id, way.id, {});
    }
    expect(transitionsOf(findIssue(act, id)).map((step) => nameOf(step.to))).toEqual(offered);
  });

  it('sets the resolution on the way into done, takes another that is asked for, and clears it on the way out', () => {
    const act = acting();
    const { id } = createIssue(act, { fields: { ...FIELDS, project: { key: 'OLD' } } });
    const go = (name: string, fields = {}): string | undefined => {
      const way = transitionsOf(findIssue(act, id)).find((step) => step.name === name)!;
      const issue = transitionIssue(act, id, way.id, { fields });
      return act.site.resolutions.find((resolution) => resolution.id === issue.values['resolution'])?.name;
    };
    expect([
      go('Resolve Issue'),
      go('Reopen Issue'),
      go('Resolve Issue', { resolution: { name: 'Duplicate' } }),
    ]).toEqual(['Fixed', undefined, 'Duplicate']);
  });

  it('refuses with 400 a transition that starts elsewhere', () => {
    const act = acting();
    const { id } = createIssue(act, { fields: { ...FIELDS, project: { key: 'OLD' } } });
    const close = act.site.projects.get('OLD')!.workflow.transitions.find((step) => step.name === 'Close Issue')!;
    expect(refusal(() => transitionIssue(act, id, close.id, {})).status).toBe(400);
  });
});

describe('permissions', () => {
  const lost = (
    act: Act,
    permission: 'BROWSE_PROJECTS' | 'EDIT_ISSUES' | 'CREATE_ISSUES' | 'TRANSITION_ISSUES' | 'ADD_COMMENTS',
  ): Act => {
    act.world.denials.push({ site: 'one', project: 'ABC', permission, accountId: act.actor.accountId });
    return act;
  };
  const deeds: readonly (readonly [
    permission: Parameters<typeof lost>[1],
    status: number,
    deed: (act: Act, id: string) => unknown,
  ])[] = [
    ['BROWSE_PROJECTS', 404, (act, id) => findIssue(act, id)],
    ['EDIT_ISSUES', 403, (act, id) => editIssue(act, id, { fields: { summary: 'x' } })],
    ['CREATE_ISSUES', 403, (act) => createIssue(act, { fields: FIELDS })],
    ['TRANSITION_ISSUES', 403, (act, id) => transitionIssue(act, id, '21', {})],
    ['ADD_COMMENTS', 403, (act, id) => addComment(act, id, { body: doc('x') })],
  ];
  it.each(deeds)('without %s the answer is %i', (permission, status, deed) => {
    const act = acting();
    const { id } = createIssue(act, { fields: FIELDS });
    expect(refusal(() => deed(lost(act, permission), id)).status).toBe(status);
  });

  it('let only administrators delete issues and other people’s comments', () => {
    const act = acting();
    const { id } = createIssue(act, { fields: FIELDS });
    const comment = addComment(act, id, { body: doc('of Ada') });
    expect(refusal(() => deleteIssue(as(act, 1), id, false)).status).toBe(403);
    expect(refusal(() => deleteComment(as(act, 1), id, comment.id)).status).toBe(400);
    expect(refusal(() => updateComment(as(act, 1), id, comment.id, { body: doc('x') })).status).toBe(400);
    deleteIssue(act, id, false);
    expect(refusal(() => findIssue(act, id)).status).toBe(404);
  });

  it('hide a comment for administrators from everybody else', () => {
    const act = acting();
    const { id } = createIssue(act, { fields: FIELDS });
    addComment(act, id, { body: doc('secret'), visibility: { type: 'role', value: 'Administrators' } });
    expect([listComments(act, id).length, listComments(as(act, 1), id).length]).toEqual([1, 0]);
  });
});

describe('limits of content', () => {
  it('are 5,000 comments for an issue: the next is refused with 413', () => {
    const act = acting();
    const { id } = createIssue(act, { fields: FIELDS });
    const { record } = findIssue(act, id);
    for (let count = 0; count < 5_000; count += 1) record.commentIds.push('0');
    expect(refusal(() => addComment(act, id, { body: doc('x') })).status).toBe(413);
  });

  it('count a document that breaks the schema as the sender’s mistake', () => {
    const broken = { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text' }] }] };
    try {
      createIssue(acting(), { fields: { ...FIELDS, description: broken } });
      expect.unreachable();
    } catch (problem) {
      expect((problem as JiraProblem).body.errorMessages).toEqual(['INVALID_INPUT']);
      expect((problem as JiraProblem).violation).toContain('description');
    }
  });
});

describe('deleting an issue', () => {
  it('takes sub-tasks along only when told so, and tells of comments in the Secondary flow', () => {
    const act = acting();
    const parent = createIssue(act, { fields: FIELDS });
    const child = createIssue(act, {
      fields: { ...FIELDS, issuetype: { name: 'Sub-task' }, parent: { key: parent.key } },
    });
    addComment(act, child.id, { body: doc('x') });
    expect(refusal(() => deleteIssue(act, parent.id, false)).status).toBe(400);
    act.site.happenings.splice(0);
    deleteIssue(act, parent.id, true);
    expect(act.site.happenings.map(({ event, flow }) => [event, flow])).toEqual([
      ['jira:issue_deleted', 'Primary'],
      ['comment_deleted', 'Secondary'],
      ['jira:issue_deleted', 'Primary'],
    ]);
  });
});

describe('a world', () => {
  it('survives being written and read', () => {
    const act = acting();
    createIssue(act, { fields: { ...FIELDS, description: doc('text') } });
    act.site.happenings.splice(0);
    const read = importWorld(exportWorld(act.world));
    expect(read).toEqual(act.world);
  });
});
