import type { ProjectKey } from '../model/ids.ts';
import type { Clock, HostFacts } from '../ports.ts';
import { parseHasInternal, parseSelf, parseUploadMeta } from '../wire/jiraParts.ts';
import { call, target } from './call.ts';
import type { Site } from './call.ts';
import { createKept } from './meta.ts';
import type { Kept } from './meta.ts';

/** What the client believes for a minute of a site as a whole. */
export type HostCache = Kept<HostFacts>;

/** Makes the cache of one process. */
export function createHostCache(clock: Clock): HostCache {
  return createKept(clock);
}

/** Who we are there, whether a project has internal comments, and which files the site takes. */
export function readHost(site: Site, cache: HostCache, project: ProjectKey): Promise<HostFacts> {
  return cache.get(site, project, async () => {
    const ask = async (path: string): Promise<unknown> => (await call(site, { method: 'GET', target: path })).body;
    const [self, about, upload] = await Promise.all([
      ask(target('/myself')),
      ask(target('/project/{}', [project])),
      ask(target('/attachment/meta')),
    ]);
    return { self: parseSelf(self), hasInternal: parseHasInternal(about), upload: parseUploadMeta(upload) };
  });
}
