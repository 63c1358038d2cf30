import type { Side } from '../../shared/model/connection.ts';
import type { AttachmentId, ProjectKey } from '../../shared/model/ids.ts';
import type { Abilities, MediaAsk, SideView, SyncInput } from '../../shared/model/plan.ts';
import type { TwinMemory } from '../../shared/model/twin.ts';
import type { JiraSite } from '../../shared/ports.ts';
import { mediaOf } from '../../shared/sync/mediaAcross.ts';
import { planSync } from '../../shared/sync/plan.ts';
import { needsMedia } from '../../shared/sync/privateFiles.ts';

/** Media ids asked for in one look, one call each; the others are asked for by the next one. */
const MAX_MEDIA = 30;

/** Whether worklogs and files are read: only when a rule wants them. */
export function wantedParts({ a, b }: SyncInput['rules']): {
  readonly worklogs: boolean;
  readonly attachments: boolean;
} {
  return {
    worklogs: a.worklogs === true || b.worklogs === true,
    attachments: [a, b].some((rules) => rules.attachments !== undefined),
  };
}

/** The view with the media ids of its files: those that are remembered, and those that some text makes worth asking for. */
export async function withMedia(site: JiraSite, view: SideView, memory: TwinMemory, side: Side): Promise<SideView> {
  if (view.attachments === undefined) return view;
  const known = new Map<AttachmentId, string | null>();
  for (const trace of memory.files ?? []) {
    const [id, media] = [trace[side], mediaOf(trace, side)];
    if (id !== undefined && media !== undefined) known.set(id, media === '' ? null : media);
  }
  const remembered = withTold(view, known);
  const told = new Map<AttachmentId, string | null>();
  await askMedia(site, { side, files: needsMedia(remembered) }, MAX_MEDIA, told);
  return withTold(remembered, told);
}

/** Answers may lead to one more question: a file's own id tells which copy has to be asked for. */
const MEDIA_PASSES = 2;

/** The input with the media ids that its texts wait for; what is beyond the bound is asked for by the next look. */
export async function withShown(sites: Readonly<Record<Side, JiraSite>>, input: SyncInput): Promise<SyncInput> {
  let known = input;
  for (let pass = 0, left = MAX_MEDIA; pass < MEDIA_PASSES; pass += 1) {
    const { asks = [] } = planSync(known);
    const told = { a: new Map<AttachmentId, string | null>(), b: new Map<AttachmentId, string | null>() };
    for (const ask of asks) left -= await askMedia(sites[ask.side], ask, left, told[ask.side]);
    if (told.a.size + told.b.size === 0) return known;
    known = { ...known, a: withTold(known.a, told.a), b: withTold(known.b, told.b) };
  }
  return known;
}

/** Asks for media ids until those that are sought are found. Answers how many calls that took. */
async function askMedia(
  site: JiraSite,
  { files, seeking }: MediaAsk,
  bound: number,
  told: Map<AttachmentId, string | null>,
): Promise<number> {
  const sought = new Set(seeking);
  let calls = 0;
  for (const file of files) {
    if (calls >= bound || (seeking !== undefined && sought.size === 0)) break;
    if (told.has(file)) continue;
    const media = await site.readMedia(file);
    calls += 1;
    told.set(file, media ?? null);
    sought.delete(media ?? '');
  }
  return calls;
}

function withTold(view: SideView, told: ReadonlyMap<AttachmentId, string | null>): SideView {
  if (view.attachments === undefined || told.size === 0) return view;
  const attachments = view.attachments.map((file) => {
    const media = told.get(file.id);
    return media === undefined ? file : { ...file, media };
  });
  return { ...view, attachments };
}

/** What the site says of itself; asked only when the rules restrict notes or share files. */
export async function hostFacts(
  { a, b }: SyncInput['rules'],
  site: JiraSite,
  project: ProjectKey,
): Promise<Partial<Abilities>> {
  const isNeeded = [a, b].some(({ visibility, attachments }) => visibility !== undefined || attachments !== undefined);
  return isNeeded ? site.readHost(project) : {};
}
