import type { FieldTrace, TwinMemory } from '../model/twin.ts';

/**
 * The memory for another try, when a person says that the cause is gone: refused attempts are forgotten, so that the same value is
 * tried again, and a field that rested for its flips starts to count anew. Everything else stays. The same object when there is
 * nothing to forget.
 */
export function forAnotherTry(memory: TwinMemory): TwinMemory {
  const { comments, worklogs, files } = memory;
  const isTried = [...Object.values(memory.fields), ...comments, ...(worklogs ?? []), ...(files ?? [])].some(
    (trace) => trace.tried !== undefined || isResting(trace),
  );
  if (!isTried) return memory;
  return {
    ...memory,
    fields: Object.fromEntries(Object.entries(memory.fields).map(([key, trace]) => [key, freshField(trace)])),
    comments: comments.map(untried),
    ...(worklogs === undefined ? {} : { worklogs: worklogs.map(untried) }),
    ...(files === undefined ? {} : { files: files.map(untried) }),
  };
}

function isResting({ blocked }: { readonly blocked?: FieldTrace['blocked'] }): boolean {
  return blocked === 'field-flipping';
}

function freshField(trace: FieldTrace): FieldTrace {
  if (!isResting(trace)) return untried(trace);
  const { flips: _flips, lastFrom: _lastFrom, ...rest } = trace;
  return untried(rest);
}

function untried<T extends { readonly tried?: unknown }>(trace: T): T {
  if (trace.tried === undefined) return trace;
  const { tried: _tried, ...rest } = trace;
  return rest as T;
}
