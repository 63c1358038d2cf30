/** Records of a store but for how often the API was used: a call that changes nothing is counted all the same. */
export function withoutUsage(records: ReadonlyMap<string, unknown>): readonly (readonly [string, unknown])[] {
  return [...records].filter(([path]) => !/\/(usages|usageMonths)\//.test(path));
}
