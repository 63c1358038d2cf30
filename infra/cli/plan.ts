/**
 * `npm run plan -- --empty [--json] [--residency be+zrh|eu]`: every resource that production wants, with its place,
 * against a project in which nothing is there. Exit code 1 when anything is elsewhere than the residency allows, or a
 * setting would keep what was deleted. With `--json` standard output is one JSON array of the resources and nothing else.
 */
import { optionsOf } from './options.ts';
import { residencies } from '../../shared/evidence/documents/facts.ts';
import { planProblems, wantedResources } from '../plan.ts';

const { values } = optionsOf({
  options: {
    empty: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    residency: { type: 'string', default: 'be+zrh' },
  },
});

process.exitCode = run();

/** 0: fine; 1: the plan is refused; 2: it cannot be made. */
function run(): number {
  const residency = residencies.find((one) => one === values.residency);
  if (residency === undefined) return say(`unknown residency; known: ${residencies.join(', ')}`, 2);
  if (!values.empty) return say('reading what is there comes with the deploy; use --empty', 2);
  const wanted = wantedResources(residency);
  const problems = planProblems(wanted, residency);
  if (values.json) console.log(JSON.stringify(wanted, null, 2));
  else
    for (const { kind, name, location } of wanted)
      console.log(`create  ${kind.padEnd(16)} ${location.padEnd(14)} ${name}`);
  for (const { code, kind, name, what } of problems) console.error(`${code} ${kind} ${name} ${what}`);
  if (!values.json) console.log(`${wanted.length} to create, ${problems.length} refused`);
  return problems.length === 0 ? 0 : 1;
}

function say(text: string, code: number): number {
  console.error(text);
  return code;
}
