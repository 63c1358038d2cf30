/** What differs between two versions of a text, line by line. Pure. */

/** A run of lines: in both, only in the older, or only in the newer text. */
export interface Stretch {
  readonly kind: 'same' | 'gone' | 'new';
  readonly lines: readonly string[];
}

/** More lines than this are not compared one by one: the table of lengths would not fit into a function's memory. */
const MOST_LINES = 4_000;

/** The shortest way from one text to the other. Applying it to the older one gives the newer one. */
export function differenceOf(before: string, after: string): readonly Stretch[] {
  const old = before.split('\n');
  const fresh = after.split('\n');
  if (old.length > MOST_LINES || fresh.length > MOST_LINES) return joined([...as('gone', old), ...as('new', fresh)]);
  return joined(walk(old, fresh, lengths(old, fresh)));
}

interface Step {
  readonly kind: Stretch['kind'];
  readonly line: string;
}

/** Length of the longest common part from each pair of places on, as one row after the other. */
function lengths(old: readonly string[], fresh: readonly string[]): Uint16Array {
  const wide = fresh.length + 1;
  const table = new Uint16Array((old.length + 1) * wide);
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      table[i * wide + j] =
        old[i] === fresh[j]
          ? (table[(i + 1) * wide + j + 1] ?? 0) + 1
          : Math.max(table[(i + 1) * wide + j] ?? 0, table[i * wide + j + 1] ?? 0);
    }
  }
  return table;
}

function walk(old: readonly string[], fresh: readonly string[], table: Uint16Array): readonly Step[] {
  const wide = fresh.length + 1;
  const steps: Step[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length && j < fresh.length) {
    if (old[i] === fresh[j]) {
      steps.push({ kind: 'same', line: old[i] ?? '' });
      i += 1;
      j += 1;
    } else if ((table[(i + 1) * wide + j] ?? 0) >= (table[i * wide + j + 1] ?? 0)) {
      steps.push({ kind: 'gone', line: old[i] ?? '' });
      i += 1;
    } else {
      steps.push({ kind: 'new', line: fresh[j] ?? '' });
      j += 1;
    }
  }
  return [...steps, ...as('gone', old.slice(i)), ...as('new', fresh.slice(j))];
}

function as(kind: Stretch['kind'], lines: readonly string[]): readonly Step[] {
  return lines.map((line) => ({ kind, line }));
}

function joined(steps: readonly Step[]): readonly Stretch[] {
  const stretches: { kind: Stretch['kind']; lines: string[] }[] = [];
  for (const { kind, line } of steps) {
    const last = stretches.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else stretches.push({ kind, lines: [line] });
  }
  return stretches;
}
