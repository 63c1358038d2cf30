import type { Side } from '../../shared/model/connection.ts';
import type { AttachmentId, ProjectKey } from '../../shared/model/ids.ts';
import type { Abilities, SideView, SyncInput } from '../../shared/model/plan.ts';
import type { TwinMemory } from '../../shared/model/twin.ts';
import type { JiraSite } from '../../shared/ports.ts';
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
  const known = new Map<AttachmentId, string>();
  for (const trace of memory.files ?? []) {
    const [id, media] = side === 'a' ? [trace.a, trace.aMedia] : [trace.b, trace.bMedia];
    if (id !== undefined && media !== undefined) known.set(id, media);
  }
  const remembered = view.attachments.map((file) => {
    const media = known.get(file.id);
    return media === undefined ? file : { ...file, media };
  });
  const asked = needsMedia({ ...view, attachments: remembered }).slice(0, MAX_MEDIA);
  for (const id of asked) {
    const media = await site.readMedia(id);
    if (media !== undefined) known.set(id, media);
  }
  const attachments = remembered.map((file) => {
    const media = known.get(file.id);
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
