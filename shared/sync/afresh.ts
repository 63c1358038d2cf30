import type { TwinMemory } from '../model/twin.ts';

/**
 * The memory without the attempts that sites have refused, so that each is made once more. What was seen on both sides stays: taking
 * a pair afresh overwrites nothing. The same object comes back when nothing was refused.
 */
export function afresh(memory: TwinMemory): TwinMemory {
  const { fields, comments, worklogs, files } = memory;
  const all = [...Object.values(fields), ...comments, ...(worklogs ?? []), ...(files ?? [])];
  if (all.every(({ tried }) => tried === undefined)) return memory;
  return {
    ...memory,
    fields: Object.fromEntries(Object.entries(fields).map(([lane, trace]) => [lane, untried(trace)])),
    comments: comments.map(untried),
    ...(worklogs === undefined ? {} : { worklogs: worklogs.map(untried) }),
    ...(files === undefined ? {} : { files: files.map(untried) }),
  };
}

function untried<T extends { readonly tried?: unknown }>(trace: T): T {
  const { tried: _tried, ...rest } = trace;
  return rest as T;
}
