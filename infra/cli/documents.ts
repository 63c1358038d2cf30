/**
 * `npm run documents [-- --new-version] [--publish] [--check]`: writes the committed documents and the policy register
 * anew from the code. A published version is never overwritten: another text needs `--new-version`, which archives the
 * one before. `--check` writes nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { optionsOf } from './options.ts';
import { documentIds } from '../../shared/evidence/documents/document.ts';
import { features } from '../../shared/evidence/documents/facts.ts';
import { committedDocuments } from '../../shared/evidence/documents/library.ts';
import type { Committed } from '../../shared/evidence/documents/library.ts';
import { markdownOf, textHash } from '../../shared/evidence/documents/markdown.ts';
import { pdfOf } from '../../shared/evidence/documents/pdf.ts';
import { publishAll, registerProblems, takeText } from '../../shared/evidence/documents/policy.ts';
import type { PolicyArchive, PolicyRegister, PolicyVersion } from '../../shared/evidence/documents/policy.ts';
import archiveFile from '../../shared/evidence/documents/archive.json' with { type: 'json' };
import registerFile from '../../shared/evidence/documents/register.json' with { type: 'json' };
import { createHash } from 'node:crypto';

const folder = resolve(import.meta.dirname, '../../shared/evidence/documents');
const { values: wants } = optionsOf({
  options: {
    'new-version': { type: 'boolean', default: false },
    publish: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
  },
});

let register: PolicyRegister = registerFile as PolicyRegister;
let archive: PolicyArchive = archiveFile;
let exitCode = 0;

for (const committed of committedDocuments(features, documentIds)) await take(committed);
if (wants.publish) register = publishAll(register);
for (const problem of registerProblems(register, archive)) fail(problem);
if (!wants.check && exitCode === 0) {
  writeFileSync(join(folder, 'register.json'), `${JSON.stringify(register, null, 2)}\n`);
  writeFileSync(join(folder, 'archive.json'), `${JSON.stringify(archive, null, 2)}\n`);
}
process.exitCode = exitCode;

async function take({ key, document }: Committed): Promise<void> {
  const text = markdownOf(document);
  const fingerprint = textHash(text);
  const versions: readonly PolicyVersion[] = register[key] ?? [];
  const last = versions.at(-1);
  const date = last?.fingerprint === fingerprint ? last.date : wants.date;
  const isNext = last?.state === 'published' && last.fingerprint !== fingerprint;
  const version = isNext ? last.version + 1 : (last?.version ?? 1);
  const pdf =
    document.id === 'statement'
      ? createHash('sha256')
          .update(await pdfOf(document, { version, date, fingerprint, isOpen: false }))
          .digest('hex')
      : undefined;
  const fresh = { fingerprint, date, ...(pdf === undefined ? {} : { pdf }) };
  const step = takeText(versions, fresh, { isNewVersion: wants['new-version'] });
  if (step.outcome === 'version-needed') {
    fail(`${key}: the text differs from version ${last?.version ?? 0}, which is published; use --new-version`);
    return;
  }
  if (step.outcome === 'same') return;
  if (wants.check) {
    fail(`${key}: the committed text is not what the code says; run npm run documents`);
    return;
  }
  if (step.outcome === 'begun' && last !== undefined) keep(key, last);
  register = { ...register, [key]: step.versions };
  writeFileSync(join(folder, 'published', `${key}.md`), text);
  console.log(`${key}: version ${step.versions.at(-1)?.version ?? 0} ${step.outcome}`);
}

/** The text of a version that ends: the committed file, if it is still what was published. */
function keep(key: string, { version, fingerprint }: PolicyVersion): void {
  const text = readFileSync(join(folder, 'published', `${key}.md`), 'utf8');
  if (textHash(text) !== fingerprint) fail(`${key}: the committed file is not version ${version}`);
  archive = { ...archive, [fingerprint]: text.split('\n') };
}

function fail(text: string): void {
  console.error(text);
  exitCode = 1;
}
