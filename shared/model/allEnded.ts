/**
 * What all of them give, once every one has ended: a fault of one is thrown when nothing of the others is on its way any more. What
 * goes on behind an answer may be frozen with the instance, and meets the site minutes later.
 */
export async function allEnded<T extends readonly unknown[] | []>(
  works: T,
): Promise<{ -readonly [N in keyof T]: Awaited<T[N]> }> {
  const ends: readonly PromiseSettledResult<unknown>[] = await Promise.allSettled(works);
  const values = ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
  return values as { -readonly [N in keyof T]: Awaited<T[N]> };
}
