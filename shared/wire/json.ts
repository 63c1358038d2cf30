/** Reading JSON from outside. */

/** What a text says; `undefined` when it is no JSON, which every schema refuses. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
