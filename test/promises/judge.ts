/** What the ends of tests say of promises. Pure. */
import type { Evidence } from './evidence.ts';

/** How one test ended. */
export interface TestEnd {
  /** Under `test/`, without its ending. */
  readonly file: string;
  readonly groups: readonly string[];
  readonly title: string;
  readonly isPassed: boolean;
  /** Skipped for want of something on this computer; such a test shows nothing. */
  readonly isSkipped: boolean;
}

/** One promise and what was shown of it. */
export interface Row {
  readonly id: string;
  readonly evidence: string;
  readonly kind: 'shown' | 'recorded' | 'manual';
  readonly result: 'kept' | 'broken' | 'by hand';
}

/** A row for each promise, in order. A reference that meets no test breaks its promise: evidence that is gone is none. */
export function judge(all: Readonly<Record<string, Evidence>>, ends: readonly TestEnd[]): readonly Row[] {
  return Object.entries(all).map(([id, one]) => rowOf(id, one, ends));
}

function rowOf(id: string, { tests, byHand }: Evidence, ends: readonly TestEnd[]): Row {
  if (tests === undefined)
    return { id, evidence: byHand ?? 'nothing', kind: 'manual', result: byHand === undefined ? 'broken' : 'by hand' };
  const parts = Object.entries(tests).flatMap(([file, titles]) => titles.map((title) => partOf(file, title, ends)));
  const isKept = parts.length > 0 && parts.every((part) => part.isKept);
  const said = parts.map(({ said: words }) => words).join('; ');
  const evidence = byHand === undefined ? said : `${said}. By hand: ${byHand}`;
  return { id, evidence, kind: 'shown', result: isKept ? 'kept' : 'broken' };
}

function partOf(
  file: string,
  title: string,
  ends: readonly TestEnd[],
): { readonly said: string; readonly isKept: boolean } {
  const met = ends.filter((end) => end.file === file && isMeant(end, title) && !end.isSkipped);
  const failed = met.filter(({ isPassed }) => !isPassed);
  const name = title === '' ? file : `${title} in ${file}`;
  const first = failed[0]?.title;
  const count =
    failed.length === 0 ? `${met.length} passed` : `${failed.length} of ${met.length} failed: ${first ?? ''}`;
  return { said: `${name}: ${count}`, isKept: met.length > 0 && failed.length === 0 };
}

/** `R4` means `R4 …` and not `R40 …`. */
function isMeant({ title, groups }: TestEnd, wanted: string): boolean {
  return wanted === '' || title.startsWith(`${wanted} `) || groups.some((group) => group.startsWith(wanted));
}
