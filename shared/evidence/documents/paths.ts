/** The public addresses of the documents, relative to where the service is. Data only. */

export const paths = {
  index: '/trust',
  statement: '/trust/statement',
  pdf: '/trust/statement.pdf',
  archive: '/trust/statement/versions',
  processors: '/trust/processors',
  processorsFeed: '/trust/processors.json',
  security: '/trust/security',
  cookies: '/trust/cookies',
  record: '/trust/record',
  agreement: '/trust/agreement',
  marketplace: '/trust/marketplace',
  glossary: '/trust/glossary',
  listing: '/trust/listing.json',
  contact: '/trust/contact',
  receipts: '/receipts',
  receiptKey: '/receipts/key',
} as const;
