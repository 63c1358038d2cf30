/**
 * The public documents: pages without login, without script and without anything from elsewhere. They are made from the
 * running code, so that they say what it does; the register says since when. @see PROMISES.md E-01, E-09, E-41, X-12
 */
import archiveFile from '../../shared/evidence/documents/archive.json' with { type: 'json' };
import { changesBody, earlierNote, selfHostedNote, versionsBody } from '../../shared/evidence/documents/archivePage.ts';
import { contactBody } from '../../shared/evidence/documents/contactPage.ts';
import type { Document, DocumentId } from '../../shared/evidence/documents/document.ts';
import { documentIds } from '../../shared/evidence/documents/document.ts';
import { features } from '../../shared/evidence/documents/facts.ts';
import { bodyOf, escaped, imprintLine, pageOf, pagePolicy } from '../../shared/evidence/documents/html.ts';
import type { Imprint } from '../../shared/evidence/documents/html.ts';
import { documentOf, registerKey } from '../../shared/evidence/documents/library.ts';
import { listingOf } from '../../shared/evidence/documents/listing.ts';
import { documentFrom, markdownOf, textHash } from '../../shared/evidence/documents/markdown.ts';
import { paths } from '../../shared/evidence/documents/paths.ts';
import { newestOf } from '../../shared/evidence/documents/policy.ts';
import type { PolicyArchive, PolicyRegister, PolicyVersion } from '../../shared/evidence/documents/policy.ts';
import { processorFeedOf } from '../../shared/evidence/documents/processorList.ts';
import registerFile from '../../shared/evidence/documents/register.json' with { type: 'json' };
import type { Deployment, Operator, Parties, Residency } from '../../shared/model/party.ts';
import { registerOf } from '../../shared/retention/processors.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import type { EdgeAnswer, Route } from '../edge.ts';

/** What an operator has set, as far as documents show it. */
export interface TrustSettings {
  readonly addonKey: string;
  readonly deployment: Deployment;
  readonly residency: Residency;
  readonly parties: Parties;
  readonly operator: Operator | undefined;
}

const policies: PolicyRegister = registerFile as PolicyRegister;
const archive: PolicyArchive = archiveFile;

/** The routes of the documents. Nothing in them depends on who asks. */
export function trustRoutes(settings: TrustSettings): Route[] {
  const facts = { ...settings, features };
  const register = registerOf(settings);
  const make = (id: DocumentId): Document => documentOf(id, facts, register);
  const versions = policies[registerKey('statement', settings)] ?? [];
  const get = (path: string, answer: (params: Readonly<Record<string, string>>) => Promise<EdgeAnswer>): Route => ({
    method: 'GET',
    path,
    policy: 'public',
    handle: async ({ params }) => answer(params),
  });
  return [
    get(paths.index, async () => page('Documents', indexBody(make), paths.index)),
    ...documentIds.map((id) => get(paths[id], async () => shown(make(id), settings))),
    get(paths.pdf, async () => paper(make('statement'), settings)),
    get(paths.processorsFeed, async () => ({ verdict: verdict('done'), body: processorFeedOf(register) })),
    get(paths.listing, async () => ({
      verdict: verdict('done'),
      body: listingOf(settings.addonKey, settings.deployment),
    })),
    get(paths.contact, async () => page('Contact', contactBody(settings.operator), paths.contact)),
    get(paths.archive, async () => page('Versions of the statement', versionsBody(versions), paths.archive)),
    get(`${paths.archive}/{version}`, async ({ version }) => earlier(versionIn(versions, version), make)),
    get(`${paths.archive}/{version}/changes`, async ({ version }) => changes(versions, version, make)),
  ];
}

function page(title: string, body: string, path: string, foot = ''): EdgeAnswer {
  return {
    verdict: verdict('done'),
    body: pageOf({ title, body, path, foot }),
    contentType: 'text/html; charset=utf-8',
    policy: pagePolicy,
  };
}

/** A document of the running code. Its fingerprint is that of what is shown, so that a difference would be seen. */
function shown(document: Document, settings: TrustSettings): EdgeAnswer {
  const note = settings.deployment === 'selfHosted' && document.id === 'statement' ? selfHostedNote : '';
  const foot = imprintLine(imprintOf(document, settings));
  return page(document.title, `${note}${bodyOf(document)}`, paths[document.id], foot);
}

function imprintOf(document: Document, settings: TrustSettings): Imprint {
  const newest = newestOf(policies, registerKey(document.id, settings));
  if (newest === undefined) throw new Fault('bug', { document: document.id });
  const { version, date, state } = newest;
  return { version, date, isOpen: state === 'open', fingerprint: textHash(markdownOf(document)) };
}

/** Loaded only here: the maker of PDFs costs time at start. */
async function paper(document: Document, settings: TrustSettings): Promise<EdgeAnswer> {
  const { pdfOf } = await import('../../shared/evidence/documents/pdf.ts');
  return {
    verdict: verdict('done'),
    body: await pdfOf(document, imprintOf(document, settings)),
    contentType: 'application/pdf',
  };
}

/** @throws Fault `not-found` */
function versionIn(versions: readonly PolicyVersion[], named: string | undefined): PolicyVersion {
  const found = versions.find(({ version }) => String(version) === named);
  if (found === undefined) throw new Fault('not-found');
  return found;
}

/** The text of a version: archived, or what the running code says now. */
function textOf({ fingerprint }: PolicyVersion, make: (id: DocumentId) => Document): string {
  return archive[fingerprint]?.join('\n') ?? markdownOf(make('statement'));
}

function earlier(version: PolicyVersion, make: (id: DocumentId) => Document): EdgeAnswer {
  const document = documentFrom('statement', textOf(version, make));
  const foot = imprintLine({ ...version, isOpen: version.state === 'open' });
  return page(document.title, `${earlierNote(version)}\n${bodyOf(document)}`, paths.archive, foot);
}

function changes(
  versions: readonly PolicyVersion[],
  named: string | undefined,
  make: (id: DocumentId) => Document,
): EdgeAnswer {
  const after = versionIn(versions, named);
  const before = versionIn(versions, String(after.version - 1));
  const body = changesBody(before, after, [textOf(before, make), textOf(after, make)]);
  return page(`What changed in version ${after.version}`, body, paths.archive);
}

function indexBody(make: (id: DocumentId) => Document): string {
  const items = documentIds
    .map(make)
    .map(({ id, title, lead }) => `<li><a href="${paths[id]}">${escaped(title)}</a><br>${escaped(lead)}</li>`);
  return [
    '<h1>Documents</h1>',
    '<p class="lead">What Twinline does with data, made from the program itself.</p>',
    `<ul>${items.join('')}</ul>`,
  ].join('\n');
}
