import type { Site } from './types.ts';

/** What a site holds of issues. */
const parts = ['issues', 'comments', 'worklogs', 'attachments', 'links', 'remoteLinks'] as const;

/**
 * Takes a backup of a site's issues and what hangs on them; calling it puts them back as they were, as an import does: without an
 * event. Records are replaced and never changed, so the maps are all that there is to keep.
 */
export function backupOf(site: Site): () => void {
  const kept = parts.map((part) => ({ part, entries: structuredClone([...site[part]]) }));
  return () => {
    for (const { part, entries } of kept) {
      const map = site[part] as Map<string, unknown>;
      map.clear();
      for (const [id, value] of structuredClone(entries)) map.set(id, value);
    }
  };
}

/** A site that shows issues as they are now, whatever happens to them: a replica that has fallen behind. For reading alone. */
export function replicaOf(site: Site): () => Site {
  const { issues, comments, worklogs, attachments, links, remoteLinks } = site;
  const kept = structuredClone({ issues, comments, worklogs, attachments, links, remoteLinks });
  return () => ({ ...site, ...kept });
}
