import type { Site } from './types.ts';

/**
 * Takes a backup of a site's issues and what hangs on them; calling it puts them back as they were, as an import does: without an
 * event. Records are replaced and never changed, so the maps are all that there is to keep.
 */
export function backupOf(site: Site): () => void {
  const parts = ['issues', 'comments', 'worklogs', 'attachments', 'links', 'remoteLinks'] as const;
  const kept = parts.map((part) => ({ part, entries: structuredClone([...site[part]]) }));
  return () => {
    for (const { part, entries } of kept) {
      const map = site[part] as Map<string, unknown>;
      map.clear();
      for (const [id, value] of structuredClone(entries)) map.set(id, value);
    }
  };
}
