/** All documents of one installation, under the names by which the policy register knows them. Pure. */
import { registerOf } from '../../retention/processors.ts';
import type { Processor } from '../../retention/processors.ts';
import { agreementAnnexes } from './agreement.ts';
import { securityConcept } from './concept.ts';
import { cookieRegister } from './cookies.ts';
import type { Document, DocumentId } from './document.ts';
import { residencies } from './facts.ts';
import type { DocumentFacts, Features } from './facts.ts';
import { glossaryPage } from './glossary.ts';
import { marketplaceAnswers } from './marketplace.ts';
import { processorListOf } from './processorList.ts';
import { recordOf } from './record.ts';
import { statementOf } from './statement.ts';

/** One document of an installation. */
export function documentOf(id: DocumentId, facts: DocumentFacts, register: readonly Processor[]): Document {
  switch (id) {
    case 'statement':
      return statementOf(facts);
    case 'processors':
      return processorListOf(facts, register);
    case 'security':
      return securityConcept();
    case 'cookies':
      return cookieRegister();
    case 'record':
      return recordOf(facts, register);
    case 'agreement':
      return agreementAnnexes(register);
    case 'marketplace':
      return marketplaceAnswers(facts, register);
    case 'glossary':
      return glossaryPage();
  }
}

/** Documents that read otherwise under another residency. */
const byResidency: ReadonlySet<DocumentId> = new Set<DocumentId>(['statement', 'record', 'marketplace']);

/** The name of a document in the register: with the residency when that changes what it says. */
export function registerKey(id: DocumentId, { residency }: Pick<DocumentFacts, 'residency'>): string {
  return byResidency.has(id) ? `${id}.${residency}` : id;
}

/** A document as it is committed and registered: without what only an operator knows. */
export interface Committed {
  readonly key: string;
  readonly document: Document;
}

/** Every document that is committed, for every residency. */
export function committedDocuments(features: Features, ids: readonly DocumentId[]): readonly Committed[] {
  return ids.flatMap((id) =>
    (byResidency.has(id) ? residencies : residencies.slice(0, 1)).map((residency) => ({
      key: registerKey(id, { residency }),
      document: documentOf(id, { residency, features }, registerOf({ residency, parties: {} })),
    })),
  );
}
