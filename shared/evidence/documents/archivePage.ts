/** The archive of the statement: the list of its versions, one of them, and what changed to the one before. Pure. */
import { differenceOf } from './difference.ts';
import type { Stretch } from './difference.ts';
import { escaped, longDate } from './html.ts';
import { paths } from './paths.ts';
import type { PolicyVersion } from './policy.ts';

/** The list of versions, the newest first. */
export function versionsBody(versions: readonly PolicyVersion[]): string {
  const rows = versions.toReversed().map(({ version, date, state, fingerprint }, at) => {
    const what =
      state === 'open' ? 'in preparation' : at === 0 || isInForce(versions, version) ? 'in force' : 'earlier';
    const to = `${paths.archive}/${version}`;
    const changes = version === 1 ? 'the first one' : `<a href="${to}/changes">what changed</a>`;
    return `<tr><td data-label="Version"><a href="${to}">Version ${version}</a></td><td data-label="Date">${longDate(date)}</td><td data-label="State">${what}</td><td data-label="Differences">${changes}</td><td data-label="Fingerprint"><code>${fingerprint}</code></td></tr>`;
  });
  return [
    '<h1>Versions of the statement</h1>',
    '<p class="lead">Every version that was ever published, with what changed from one to the next.</p>',
    '<table><thead><tr><th scope="col">Version</th><th scope="col">Date</th><th scope="col">State</th><th scope="col">Differences</th><th scope="col">Fingerprint</th></tr></thead>',
    `<tbody>${rows.join('')}</tbody></table>`,
  ].join('\n');
}

/** Is this the newest one that was published? */
function isInForce(versions: readonly PolicyVersion[], version: number): boolean {
  return versions.findLast(({ state }) => state === 'published')?.version === version;
}

/** What stands above a version that is not the current one. */
export function earlierNote(version: PolicyVersion): string {
  return `<p class="note">This is version ${version.version} of ${longDate(version.date)}, kept for the record. <a href="${paths.statement}">The current version</a>.</p>`;
}

/** What stands above the statement where the app is not run by us. @see PROMISES.md E-07, E-09 */
export const selfHostedNote =
  '<p class="note">This installation is run by its operator on its own systems. The vendor of Twinline processes nothing of it, and this statement, which is about the cloud service, does not apply. The list of stored data is the same.</p>\n';

/** Unchanged lines that stay around a change, so that one sees where it is. */
const AROUND = 1;

/** What changed from one version to the next. */
export function changesBody(before: PolicyVersion, after: PolicyVersion, texts: readonly [string, string]): string {
  const stretches = differenceOf(...texts);
  return [
    `<h1>What changed in version ${after.version}</h1>`,
    `<p class="lead">From version ${before.version} of ${longDate(before.date)} to version ${after.version} of ${longDate(after.date)}. Lines that went away are red, lines that came are green.</p>`,
    ...(stretches.every(({ kind }) => kind === 'same') ? ['<p>Nothing.</p>'] : stretches.map(stretchHtml)),
  ].join('\n');
}

function stretchHtml({ kind, lines }: Stretch): string {
  const told = lines.map(readable).filter((line) => line !== '');
  if (kind === 'gone') return told.map((line) => `<del>${escaped(line)}</del>`).join('');
  if (kind === 'new') return told.map((line) => `<ins>${escaped(line)}</ins>`).join('');
  if (told.length <= 2 * AROUND + 1) return told.map((line) => `<p>${escaped(line)}</p>`).join('');
  const hidden = told.length - 2 * AROUND;
  return [
    ...told.slice(0, AROUND).map((line) => `<p>${escaped(line)}</p>`),
    `<p class="skip">… ${hidden} unchanged lines …</p>`,
    ...told.slice(-AROUND).map((line) => `<p>${escaped(line)}</p>`),
  ].join('');
}

/** A line without the signs of Markdown: people read it. */
function readable(line: string): string {
  if (/^\| (?:--- \| ?)+$/.test(`${line} `.trimEnd())) return '';
  if (line.startsWith('| '))
    return line
      .replace(/^\| | \|$/g, '')
      .split(' | ')
      .join(' · ');
  return line.replace(/^(?:#+|-) /, '');
}
