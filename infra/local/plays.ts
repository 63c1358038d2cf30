/** What people do in the demo: every kind of change, on both sites, alone and at once. */
import { textToAdf } from './jira/model/wiki.ts';
import type { Site, Stack } from './stack.ts';
import type { SiteName } from './world.ts';

/** On which site each change was made. */
export type Changes = SiteName[];

const BEN = '712020:00000000-0000-4000-8000-00000000000b';
const CLEO = '712020:00000000-0000-4000-8000-00000000000c';

/** Every kind of change, first on one site's issues, then on the other's. */
export async function bothWays(stack: Stack): Promise<Changes> {
  const changes: Changes = [];
  for (const name of ['alpha', 'beta'] as const) {
    const site = stack.site(name);
    const { person } = site;
    const [one = '', two = '', three = ''] = await plainIssues(site);
    await person.edit(one, { summary: `A better summary, from ${name}` });
    await person.edit(one, {
      description: textToAdf(`Written on ${name}.\n\nWith *two* paragraphs & ümläuts — 漢字.`),
    });
    const { labels } = (await person.read(two)).fields;
    await person.edit(two, { priority: { name: 'High' }, labels: [...labels, `from-${name}`, 'passing'] });
    await person.edit(two, { assignee: { accountId: name === 'alpha' ? BEN : CLEO } });
    await person.edit(three, { issuetype: { name: 'Story' } });
    await moveOn(site, three);
    const comment = await person.addComment(one, textToAdf(`A comment from ${name}.`));
    await person.addComment(two, textToAdf('Another one.'));
    const passing = await person.addComment(two, textToAdf('This will be deleted.'));
    await stack.settled(180_000);
    await person.editComment(one, comment, textToAdf(`A comment from ${name}, edited.`));
    await person.removeComment(two, passing);
    await person.edit(two, { labels: [...labels, `from-${name}`] });
    await person.create(site.project, {
      summary: `Made on ${name}`,
      issuetype: { name: 'Bug' },
      description: textToAdf('New.'),
    });
    await stack.settled(180_000);
    changes.push(...new Array<SiteName>(13).fill(name));
  }
  return changes;
}

/** Issues that may become any type: neither sub-tasks nor parents of some. They have no twin that is one, either. */
async function plainIssues(site: Site): Promise<readonly string[]> {
  const issues = await site.person.readMany(site.issueIds());
  const plain = new Set(
    issues.filter(({ fields }) => ['Task', 'Bug', 'Improvement'].includes(fields.issuetype.name)).map(({ id }) => id),
  );
  return site.issueIds().filter((id) => plain.has(id));
}

/** Takes the first transition that leads somewhere else. */
async function moveOn(site: Site, id: string): Promise<void> {
  const [issue, transitions] = [await site.person.read(id), await site.person.transitions(id)];
  const way = transitions.find(({ to }) => to.name !== issue.fields.status.name && to.name !== 'Open');
  if (way !== undefined) await site.person.move(id, way.id);
}

/** Two people change different things of one issue at the same time, and a third comments. */
export async function concurrentEdits(stack: Stack): Promise<Changes> {
  const [alpha, beta] = [stack.site('alpha'), stack.site('beta')];
  const twins = await stack.ports.store.scan('twin', { limit: 100 });
  const changes: Changes = [];
  for (const { row } of twins.items.slice(0, 4)) {
    if (row.a === undefined || row.b === undefined) continue;
    // Added, not replaced: whoever takes a copied label away keeps it away, and the original stays (SPEC S12).
    const { labels } = (await alpha.person.read(row.a)).fields;
    await Promise.all([
      alpha.person.edit(row.a, { summary: `Changed on alpha while beta worked, too` }),
      beta.person.edit(row.b, { priority: { name: 'Low' } }),
      alpha.person.edit(row.a, { labels: [...labels, 'together', 'left'] }),
      beta.person.addComment(row.b, textToAdf('Said meanwhile on beta.')),
      alpha.person.addComment(row.a, textToAdf('Said meanwhile on alpha.')),
    ]);
    changes.push('alpha', 'beta', 'alpha', 'beta', 'alpha');
  }
  return changes;
}

/** Webhooks come twice, late and out of order; then one is lost, and the next change of the issue heals it. */
export async function underFaults(stack: Stack, settled: () => Promise<void>): Promise<Changes> {
  const beta = stack.site('beta');
  const [one = '', two = ''] = await plainIssues(beta);
  Object.assign(stack.jira.faults, { doubleWebhook: 1, reorder: true, delayMs: 300 });
  for (let round = 1; round <= 5; round += 1) {
    await beta.person.edit(one, { summary: `Round ${round}` });
    await beta.person.addComment(two, textToAdf(`Comment of round ${round}`));
  }
  await settled();
  Object.assign(stack.jira.faults, { doubleWebhook: 0, reorder: false, delayMs: 0, loseWebhook: 1 });
  await beta.person.edit(two, { summary: 'Nobody was told of this' });
  stack.jira.faults.loseWebhook = 0;
  await beta.person.addComment(two, textToAdf('But of this.'));
  return new Array<SiteName>(12).fill('beta');
}
