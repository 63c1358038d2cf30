import { runScript } from './run.ts';
import { seedScript } from './seeds.ts';
const n: Record<string, number> = {};
const t: Record<string, number> = {};
for (let s = 1; s <= 400; s += 1) {
  const script = seedScript(s);
  if (!script.setting.more?.some((m) => ['links', 'remoteLinks', 'parent'].includes(m))) continue;
  const r = await runScript(script);
  for (const line of r.story) {
    const m = /(person|app) [ab]: \S+ (links|remoteLinks|parent) (add|remove|) /.exec(line);
    if (m) n[m.slice(1, 4).join(' ')] = (n[m.slice(1, 4).join(' ')] ?? 0) + 1;
  }
  for (const x of r.troubles) t[x] = (t[x] ?? 0) + 1;
}
console.log(n, t);
