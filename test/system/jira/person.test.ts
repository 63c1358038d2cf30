import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SitePerson, SiteRefused } from '../../../infra/local/person.ts';
import type { Rig } from './standIn.ts';
import { doc, standIn } from './standIn.ts';

/** What the demo, the page and the replay do in a person's name goes over REST like everybody's calls. */
describe('a person of the demo', () => {
  let rig: Rig;
  let ada: SitePerson;
  beforeEach(async () => {
    rig = await standIn({ indexLagMs: 0 });
    const { address, users } = rig.jira.sites[0]!;
    ada = new SitePerson({ address, email: users[0]!.emailAddress, token: users[0]!.apiToken });
  });
  afterEach(() => rig.close());

  it('logs work, attaches, links, watches and archives, all within the contract', async () => {
    const task = { summary: 'x', issuetype: { name: 'Task' } };
    const [one, two] = [await ada.create('ALPHA', task), await ada.create('ALPHA', task)];

    const work = await ada.logWork(one, { timeSpent: '2h', comment: doc('Dug') });
    await ada.editWork(one, work, { timeSpent: '3h' });
    expect(await ada.worklogs(one)).toMatchObject([{ id: work, timeSpentSeconds: 10_800, comment: doc('Dug') }]);
    await ada.removeWork(one, work);
    expect(await ada.worklogs(one)).toEqual([]);

    const file = await ada.attach(one, { filename: 'a.txt', bytes: 'Hello', mimeType: 'text/plain' });
    expect(await ada.attachments(one)).toEqual([{ id: file, filename: 'a.txt', size: 5, mimeType: 'text/plain' }]);
    expect(Buffer.from(await ada.download(file)).toString()).toBe('Hello');
    await ada.removeAttachment(file);
    await expect(ada.download(file)).rejects.toThrow(SiteRefused);

    await ada.link(one, 'Blocks', two);
    const [link] = await ada.links(two);
    expect(link).toMatchObject({ type: { inward: 'is blocked by' }, inwardIssue: { id: one } });
    await ada.unlink(link!.id);
    expect(await ada.links(one)).toEqual([]);
    await ada.remoteLink(one, { url: 'https://x.example', title: 'X', globalId: 'x' });
    await ada.remoteLink(one, { url: 'https://x.example', title: 'Y', globalId: 'x' });
    expect(await ada.remoteLinks(one)).toMatchObject([{ globalId: 'x', object: { title: 'Y' } }]);

    const epic = await ada.create('ALPHA', { summary: 'e', issuetype: { name: 'Epic' } });
    const story = await ada.create('ALPHA', { ...task, issuetype: { name: 'Story' }, parent: { id: epic } });
    await ada.remove(epic);
    expect((await ada.read(story)).fields).not.toHaveProperty('parent');

    await ada.addRestrictedComment(one, doc('Hush'), { type: 'role', value: 'Administrators' });
    expect(await ada.comments(one)).toMatchObject([{ visibility: { type: 'role', value: 'Administrators' } }]);
    await ada.watch(one);
    await expect(ada.vote(one)).rejects.toThrow('You cannot vote for an issue you have reported.');
    await ada.setArchived('ALPHA', true);
    await expect(ada.edit(one, { summary: 'y' })).rejects.toThrow(SiteRefused);
    await ada.setArchived('ALPHA', false);
    await ada.edit(one, { summary: 'y' });
    expect(rig.jira.violations()).toEqual([]);
  });
});
