import { startStack } from './stack.ts';
import { connectSites, createSampleIssues } from './opening.ts';
import { concurrentEdits, bothWays } from './plays.ts';
const stack = await startStack({ port: 0, backend: 'memory' });
for (const s of stack.sites) await stack.install(s.name);
await connectSites(stack);
await createSampleIssues(stack, 10);
await stack.settled(60000);
await bothWays(stack);
await stack.settled(60000);
const before = (await stack.ports.store.scan('twin', { limit: 100 })).items.slice(0, 4);
for (const { row } of before)
  console.log(
    row.a,
    (await stack.site('alpha').person.read(row.a!)).fields.labels,
    row.b,
    (await stack.site('beta').person.read(row.b!)).fields.labels,
  );
await concurrentEdits(stack);
await stack.settled(60000);
const tw = await stack.ports.store.scan('twin', { limit: 100 });
for (const { row } of tw.items) {
  if (!row.a || !row.b) continue;
  const [a, b] = [await stack.site('alpha').person.read(row.a), await stack.site('beta').person.read(row.b)];
  if (JSON.stringify(a.fields.labels) !== JSON.stringify(b.fields.labels))
    console.log(a.key, a.fields.labels, b.key, b.fields.labels, JSON.stringify(row.fields.labels), row.originSide);
}
for (const e of stack.timeline.all().slice(-30)) console.log(e.source, e.where, e.what, e.ms, JSON.stringify(e.facts));
await stack.stop();
process.exit(0);
