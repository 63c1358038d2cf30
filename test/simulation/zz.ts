import { fieldKinds } from './fieldKinds.ts';
import { moreKinds } from './moreKinds.ts';
import { runScript } from './run.ts';
import { scriptOf } from './script.ts';
const FIELDS = fieldKinds.map(({ name }) => name);
const MORE = moreKinds.map(({ name }) => name);
const QUIET = { seed: 1, policies: {}, kept: { a: [], b: [] }, workflows: { a: 'simple', b: 'simple' }, indexLagMs: 1_000, botAnswers: 0, processes: 2 };
function calm(seed: number, focus: any, setting: any = {}) {
  const script = scriptOf(seed, { fields: FIELDS, more: MORE, focus: { ...focus, faults: { crash: 1 }, rate: 0 } } as any);
  const { indexLagMs, processes, fields, more } = script.setting;
  const also = { ...(fields === undefined ? {} : { fields }), ...(more === undefined ? {} : { more }) };
  const own = { ...QUIET, seed, indexLagMs, processes, ...also };
  return { setting: { ...own, ...setting }, decisions: script.decisions };
}
const r = await runScript(calm(47, { deeds: { edit: 1 }, maxGap: 400 }, { processes: 2 }) as any);
console.log(r.violations); console.log(r.story.filter((l: string) => /link/i.test(l)).slice(0, 60).join('\n'));
