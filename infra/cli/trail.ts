/** `twinline trail verify FILE [--head FILE] [--key FILE]`: checks the trail of staff on this computer, without asking the service. */
import { readFile } from 'node:fs/promises';
import { checkManifest } from '../../shared/backup/manifest.ts';
import { verifySignedTrail, verifyTrail } from '../../shared/evidence/trail.ts';
import type { TrailCheck } from '../../shared/evidence/trail.ts';
import type { TrailEntry, TrailFile } from '../../shared/model/staff.ts';
import { meaningOf, toFault } from '../../shared/verdict.ts';
import { parseAnchor, parseTrail } from '../../shared/wire/trail.ts';
import type { Anchor } from '../../shared/wire/trail.ts';

/** What the check needs. `head`: one from elsewhere, or the manifest of a backup; without it the trail's own. */
export interface TrailArguments {
  readonly file: string;
  readonly key: string;
  readonly head?: string | undefined;
  /** Epoch milliseconds: what is missing must be old enough by now. */
  readonly now: number;
  readonly say?: (line: string) => void;
}

/** Checks a trail file and says the result in plain words. Answers the exit code: 0 whole, 1 not, 2 unreadable. */
export async function verifyTrailFile({ file, key, head, now, say = console.log }: TrailArguments): Promise<number> {
  const [text, publicKey, other] = await Promise.all([
    textOf(file),
    textOf(key),
    head === undefined ? '' : textOf(head),
  ]);
  if (text === undefined || publicKey === undefined || other === undefined) {
    say('Cannot read the trail, the head or the key.');
    return 2;
  }
  try {
    const trail = parseTrail(text);
    // The service's clock may be ahead of this computer's; what it says of the time is signed.
    const laterNow = Math.max(now, trail.head.head.at);
    const check = checkBoth(trail, other === '' ? undefined : parseAnchor(other), publicKey, laterNow);
    for (const line of describe(trail, check)) say(line);
    return check.ok ? 0 : 1;
  } catch (thrown) {
    const { code } = toFault(thrown);
    say(`NOT WHOLE  ${meaningOf(code).says} (${code})`);
    return 1;
  }
}

function checkBoth({ entries, head }: TrailFile, anchor: Anchor | undefined, key: string, now: number): TrailCheck {
  const own = verifySignedTrail(entries, head, key, now);
  if (!own.ok || anchor === undefined) return own;
  const other = checkAnchor(entries, anchor, key, now);
  return other.ok ? own : other;
}

function checkAnchor(entries: readonly TrailEntry[], anchor: Anchor, key: string, now: number): TrailCheck {
  if (anchor.kind === 'head') return verifySignedTrail(entries, anchor.signed, key, now);
  const { manifest } = anchor.signed;
  if (checkManifest(anchor.signed, manifest.set, key) !== undefined) return { ok: false, code: 'trail-signature' };
  // A set from before there was a trail says nothing of it.
  return manifest.trail === undefined
    ? { ok: false, code: 'trail-signature' }
    : verifyTrail(entries, manifest.trail, now);
}

function describe({ entries, head }: TrailFile, check: TrailCheck): readonly string[] {
  if (!check.ok) {
    const where = check.number === undefined ? '' : ` at entry ${check.number}`;
    return [`NOT WHOLE${where}  ${meaningOf(check.code).says} (${check.code})`];
  }
  const [first] = entries;
  return [
    `WHOLE  ${entries.length} entries${first === undefined ? '' : `, from number ${first.number}`}, signed with ${head.keyId}`,
    `newest  ${head.head.number}, hash ${head.head.hash}, at ${new Date(head.head.at).toISOString()}`,
    ...(check.unsigned > 0 ? [`${check.unsigned} entries came after the head; the next head will hold them.`] : []),
  ];
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
