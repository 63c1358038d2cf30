/** The words that the documents use, and where everything is. Pure. @see PROMISES.md E-42 */
import { list, section } from './document.ts';
import type { Document } from './document.ts';
import { paths } from './paths.ts';

/** Word and meaning, in the order of the alphabet. */
const glossary: readonly (readonly [word: string, meaning: string])[] = [
  ['Account id', 'A row of letters and digits by which Atlassian refers to a person.'],
  ['App', 'Twinline, as it is installed on a Jira site.'],
  ['Connection', 'An agreed link between two sides, with rules on each side.'],
  ['Controller', 'Who decides why and how personal data are used: you, the customer.'],
  ['Copy', 'A version of a synced issue that the service keeps to notice changes: the newest and the one before.'],
  ['Encrypted', 'Made unreadable for everybody who does not have the key.'],
  ['Fingerprint', 'A short number (SHA-256) that is calculated from a text and changes with every letter of it.'],
  ['Hash', 'A number that is calculated from a value and does not lead back to it.'],
  ['Installation', 'The app on one Jira site, from the day on which it was installed.'],
  ['Key', 'The secret number with which data are encrypted. Without it they stay unreadable.'],
  ['Mark', 'The note that your data are to be deleted. With it the days begin to count.'],
  ['Pair', 'Two issues, one on each side, that are kept in step.'],
  ['Partner', 'The other side of a connection.'],
  ['Processor', 'Who handles personal data for somebody else: we for you, and others for us.'],
  ['Receipt', 'Our signed statement that your data were deleted.'],
  ['Rules', 'What your side sends, and how it applies what it gets.'],
  ['Side', 'One of the two parties of a connection.'],
];

/** Makes the glossary. */
export function glossaryPage(): Document {
  return {
    id: 'glossary',
    title: 'Words and links',
    lead: 'What the words in our documents mean, and where everything is.',
    sections: [
      section('Words', list(...glossary.map(([word, meaning]) => `${word}: ${meaning}`))),
      section(
        'Links',
        list(
          `[Data security and privacy statement](${paths.statement}), also [as a PDF](${paths.pdf}) and [in earlier versions](${paths.archive})`,
          `[Companies that work for us](${paths.processors}), also [for machines](${paths.processorsFeed})`,
          `[Security concept](${paths.security})`,
          `[Cookies](${paths.cookies})`,
          `[Record of processing activities](${paths.record})`,
          `[Annexes to the data processing agreement](${paths.agreement})`,
          `[Answers for the Marketplace](${paths.marketplace})`,
          `[Public key of the receipts](${paths.receiptKey})`,
          `[Contact, service desk, release history and community](${paths.contact})`,
        ),
      ),
    ],
  };
}
