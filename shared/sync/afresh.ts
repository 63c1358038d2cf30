import type { CommentTrace, FieldTraces, TwinMemory } from '../model/twin.ts';

/**
 * The memory without the attempts that sites have refused, so that each is made once more. What was seen on both sides stays: taking
 * a pair afresh overwrites nothing. The same object comes back when nothing was refused.
 */
export function afresh(memory: TwinMemory): TwinMemory {
  const isRefused = [...Object.values(memory.fields), ...memory.comments].some(({ tried }) => tried !== undefined);
  if (!isRefused) return memory;
  const fields = Object.fromEntries(Object.entries(memory.fields).map(([lane, trace]) => [lane, untried(trace)]));
  return { ...memory, fields: fields as FieldTraces, comments: memory.comments.map(untried) };
}

function untried<T extends FieldTraces[string] | CommentTrace>(trace: T): T {
  if (trace.tried === undefined) return trace;
  const { tried: _tried, ...rest } = trace;
  return rest as T;
}
