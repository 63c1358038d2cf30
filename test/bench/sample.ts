/** Issues of our own in the shape of a real project's most discussed ones, for a computer without the public dumps. */
import type { AdfDoc } from '../../infra/local/jira/model/adfNodes.ts';
import type { DumpComment, DumpIssue, DumpPerson } from '../../infra/local/jira/model/dump.ts';

const FIRST_AT = Date.UTC(2020, 0, 6, 9);
const HOUR_MS = 3_600_000;
/** The most that one issue has, and what most have: with a thousand issues about 7,200 comments, as in tidev-TIMOB. */
const MOST_COMMENTS = 54;
const LEAST_COMMENTS = 4;

const person = (number: number): DumpPerson => ({
  ...{ accountId: `712020:00000000-0000-4000-8000-0000000001${String(number).padStart(2, '0')}`, key: `p${number}` },
  ...{ displayName: `Person ${number}`, active: true },
});
const PEOPLE = Array.from({ length: 20 }, (_, number) => person(number));

/** So many issues, the one with most comments first. The same ones each time. */
export function sampleIssues(count: number): readonly DumpIssue[] {
  return Array.from({ length: count }, (_, index) => issueOf(index));
}

/** Few issues are discussed much: the number falls with the rank. */
function commentsAt(rank: number): number {
  return Math.max(LEAST_COMMENTS, Math.round(MOST_COMMENTS / (1 + rank / 20) ** 0.78));
}

function issueOf(index: number): DumpIssue {
  const number = index + 1;
  const createdAt = FIRST_AT + index * HOUR_MS;
  const comments = Array.from({ length: commentsAt(index) }, (_, turn) => commentOf(number, turn, createdAt));
  const [status, category] = STATUSES[index % STATUSES.length] ?? STATUSES[0];
  return {
    ...{ id: String(number), key: `SAMPLE-${number}`, projectKey: 'SAMPLE', summary: `Sample issue ${number}` },
    ...{ description: textOf(`What sample issue ${number} is about.`), environment: null },
    issueType: { id: '1', name: index % 3 === 0 ? 'Story' : 'Bug', subtask: false, level: 0 },
    ...{ priority: index % 2 === 0 ? 'High' : 'Low', status: { name: status, category } },
    ...{ labels: [`area-${index % 7}`], assignee: authorAt(index), reporter: authorAt(index + 1) },
    ...{ creator: authorAt(index + 1), createdAt, updatedAt: createdAt + comments.length * HOUR_MS },
    ...{ resolvedAt: null, resolution: null, dueDate: null, components: [], versions: [], fixVersions: [] },
    ...{ originalEstimateSeconds: null, remainingEstimateSeconds: null, spentSeconds: null, parentKey: null },
    ...{ comments, attachments: [], links: [], worklogs: [] },
  };
}

const STATUSES = [
  ['Open', 'new'],
  ['In Progress', 'indeterminate'],
  ['Done', 'done'],
] as const;

function commentOf(issue: number, turn: number, createdAt: number): DumpComment {
  const at = createdAt + (turn + 1) * HOUR_MS;
  const words = 'and so on '.repeat(1 + ((issue + turn) % 40));
  return {
    ...{ id: String(issue * 1_000 + turn), author: authorAt(issue + turn), visibility: null },
    ...{ body: textOf(`Comment ${turn + 1} on sample issue ${issue}: ${words.trim()}.`), createdAt: at, updatedAt: at },
  };
}

function authorAt(number: number): DumpPerson | null {
  return PEOPLE[number % PEOPLE.length] ?? null;
}

function textOf(text: string): AdfDoc {
  return { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] };
}
