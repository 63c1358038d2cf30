/**
 * The policy register: which version of which document is in force, since when, under which fingerprint. A version that
 * was published never changes again; another text needs another version. Pure. @see PROMISES.md E-01, X-01, X-31, X-32
 */

/** One version of one document. */
export interface PolicyVersion {
  readonly version: number;
  /** `YYYY-MM-DD`: of the last change of its text. */
  readonly date: string;
  /** SHA-256 of the text, hex. */
  readonly fingerprint: string;
  /** SHA-256 of the PDF, hex, where there is one. */
  readonly pdf?: string | undefined;
  /** `open`: being written, may change. `published`: never changes again. */
  readonly state: 'open' | 'published';
}

/** All versions of all documents, each list from the first on. */
export type PolicyRegister = Readonly<Record<string, readonly PolicyVersion[]>>;

/** The texts of earlier versions by fingerprint, in lines. */
export type PolicyArchive = Readonly<Record<string, readonly string[]>>;

export type PolicyStep =
  | { readonly outcome: 'same' | 'changed' | 'begun'; readonly versions: readonly PolicyVersion[] }
  | { readonly outcome: 'version-needed' };

/** What is known of a text that was just generated. */
export interface FreshText {
  readonly fingerprint: string;
  readonly pdf?: string | undefined;
  readonly date: string;
}

/**
 * Takes a generated text into a document's list of versions. A published one is never overwritten: `version-needed`
 * unless a new version is asked for.
 */
export function takeText(
  versions: readonly PolicyVersion[],
  fresh: FreshText,
  { isNewVersion }: { readonly isNewVersion: boolean },
): PolicyStep {
  const last = versions.at(-1);
  if (last === undefined) return { outcome: 'begun', versions: [{ version: 1, ...fresh, state: 'open' }] };
  if (last.fingerprint === fresh.fingerprint) {
    // The paper may be set anew without a change of its text, but not once it is out.
    if (last.pdf === fresh.pdf || last.state === 'published') return { outcome: 'same', versions };
    return { outcome: 'changed', versions: [...versions.slice(0, -1), { ...last, pdf: fresh.pdf }] };
  }
  if (last.state === 'open')
    return {
      outcome: 'changed',
      versions: [...versions.slice(0, -1), { version: last.version, ...fresh, state: 'open' }],
    };
  if (!isNewVersion) return { outcome: 'version-needed' };
  return { outcome: 'begun', versions: [...versions, { version: last.version + 1, ...fresh, state: 'open' }] };
}

/** Publishes what is open: from now on another text needs another version. */
export function publishAll(register: PolicyRegister): PolicyRegister {
  return Object.fromEntries(
    Object.entries(register).map(([key, versions]) => [
      key,
      versions.map((version) => ({ ...version, state: 'published' as const })),
    ]),
  );
}

/** The newest version of a document. */
export function newestOf(register: PolicyRegister, key: string): PolicyVersion | undefined {
  return register[key]?.at(-1);
}

/** What is wrong with a register: numbers or days out of order, an open version that is not the last, a lost text. */
export function registerProblems(register: PolicyRegister, archive: PolicyArchive): readonly string[] {
  return Object.entries(register).flatMap(([key, versions]) =>
    versions.flatMap((is, at) => {
      const before = versions[at - 1];
      const isLast = at === versions.length - 1;
      return [
        ...(is.version === at + 1 ? [] : [`${key} ${is.version}: number`]),
        ...(before !== undefined && before.date > is.date ? [`${key} ${is.version}: date`] : []),
        ...(is.state === 'open' && !isLast ? [`${key} ${is.version}: open`] : []),
        ...(isLast || archive[is.fingerprint] !== undefined ? [] : [`${key} ${is.version}: text`]),
      ];
    }),
  );
}
