import type { World } from './types.ts';

/** Marks a map in JSON, which has none. */
const MAP = '$map';

/** The world as JSON text; what waits to be told is left out. */
export function exportWorld(world: World): string {
  return JSON.stringify(world, (key, value: unknown) => {
    if (key === 'happenings') return [];
    return value instanceof Map ? { [MAP]: [...value] } : value;
  });
}

/** Reads back what `exportWorld` wrote. Only our own file is read here, so its shape is trusted. */
export function importWorld(text: string): World {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !(MAP in value)) return value;
    return new Map(value[MAP] as [unknown, unknown][]);
  }) as World;
}
