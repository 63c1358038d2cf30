import { refuse } from './problem.ts';

/** Longest value of an entity property as JSON, and longest key. @see ATLASSIAN.md §6.2 */
const VALUE_LIMIT = 32_768;
const KEY_LIMIT = 255;

type Properties = Readonly<Record<string, unknown>>;

/** Adds properties to others. @throws JiraProblem 400 for one that is too long */
export function propertiesWith(
  before: Properties,
  given: readonly { readonly key: string; readonly value: unknown }[],
): Properties {
  for (const { key, value } of given) checkProperty(key, value);
  return { ...before, ...Object.fromEntries(given.map(({ key, value }) => [key, value])) };
}

function checkProperty(key: string, value: unknown): void {
  if (key === '' || key.length > KEY_LIMIT)
    throw refuse(400, `The property key must have 1 to ${KEY_LIMIT} characters.`);
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw refuse(400, 'The property value is missing.');
  if (json.length > VALUE_LIMIT) throw refuse(400, `The property value exceeds ${VALUE_LIMIT} characters.`);
}

/** Takes one property away. @throws JiraProblem 404 when it is not there */
export function propertiesWithout(before: Properties, key: string): Properties {
  propertyOf(before, key);
  const { [key]: _gone, ...rest } = before;
  return rest;
}

/** One property. @throws JiraProblem 404 when it is not there */
export function propertyOf(properties: Properties, key: string): { readonly key: string; readonly value: unknown } {
  if (!Object.hasOwn(properties, key)) throw refuse(404, `The property with key '${key}' does not exist.`);
  return { key, value: properties[key] };
}
