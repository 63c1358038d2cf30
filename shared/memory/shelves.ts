/**
 * A map by path that also knows which paths stand in one collection, so that a listing does not look at every record there is: a
 * store of ten thousand issues answers as fast as one of ten.
 */
export class Shelves<T> extends Map<string, T> {
  /** By name of the collection, then by its whole path. */
  readonly #collections = new Map<string, Map<string, Set<string>>>();

  override set(path: string, value: T): this {
    const { name, collection } = partsOf(path);
    const alike = this.#collections.get(name) ?? new Map<string, Set<string>>();
    const paths = alike.get(collection) ?? new Set();
    this.#collections.set(name, alike.set(collection, paths.add(path)));
    return super.set(path, value);
  }

  override delete(path: string): boolean {
    const { name, collection } = partsOf(path);
    const alike = this.#collections.get(name);
    const paths = alike?.get(collection);
    paths?.delete(path);
    if (paths?.size === 0) alike?.delete(collection);
    return super.delete(path);
  }

  override clear(): void {
    this.#collections.clear();
    super.clear();
  }

  /** The paths in all collections of that name, in no order. */
  *named(name: string): Generator<string> {
    for (const paths of this.#collections.get(name)?.values() ?? []) yield* paths;
  }

  /** The paths in one collection, in no order. */
  within(name: string, collection: string): Iterable<string> {
    return this.#collections.get(name)?.get(collection) ?? [];
  }
}

function partsOf(path: string): { readonly name: string; readonly collection: string } {
  const collection = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return { name: collection.slice(collection.lastIndexOf('/') + 1), collection };
}
