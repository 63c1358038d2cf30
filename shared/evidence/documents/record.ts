/** The record of processing activities of a processor. Pure. @see GDPR Art. 30(2), PROMISES.md E-36 */
import { rowOf } from '../../retention/catalogue.ts';
import { areaNames, measures } from '../../retention/measures.ts';
import type { MeasureArea } from '../../retention/measures.ts';
import type { Processor } from '../../retention/processors.ts';
import { grid, list, say, section } from './document.ts';
import type { Document } from './document.ts';
import type { DocumentFacts } from './facts.ts';
import { paths } from './paths.ts';
import { agreementOf, placeOf, received } from './processorList.ts';
import { categoriesOf, classWords, goneWhen, personalOf, storedClasses, wordsOf } from './words.ts';

/** Makes the record. Who the operator is stands on the contact page: it is the operator's own configuration. */
export function recordOf(facts: DocumentFacts, register: readonly Processor[]): Document {
  return {
    id: 'record',
    title: 'Record of processing activities',
    lead: 'What a processor has to record under Article 30(2) of the General Data Protection Regulation, made from the program.',
    sections: [
      section(
        'Who processes, and for whom',
        say(
          `The processor is the operator named on the [contact page](${paths.contact}), which also says how to reach the person responsible for data protection. The controllers are the customers: the companies on whose Jira sites the app is installed. Their list is the service’s own table of installations; it is not public.`,
        ),
      ),
      section(
        'Categories of processing on behalf of the controllers',
        grid(
          ['Class', 'Kind of data', 'Purpose', 'About people', 'Erased'],
          storedClasses()
            .filter((statement) => statement !== 'system')
            .flatMap((statement) =>
              categoriesOf(statement).map((category) => {
                const row = rowOf(category);
                return [
                  classWords[statement].title,
                  wordsOf(category).name,
                  row.purpose,
                  personalOf(row.fields),
                  goneWhen(category),
                ];
              }),
            ),
        ),
        say(
          'People concerned: those who work with the customers’ Jira issues, and those who are written about in them.',
        ),
      ),
      section(
        'Recipients',
        grid(
          ['Recipient', 'Place', 'Data', 'Agreement'],
          register
            .filter(({ role }) => role !== 'no-data')
            .map((row) => [row.name, placeOf(row), received(row), agreementOf(row)]),
        ),
      ),
      section(
        'Transfers to third countries',
        say(
          facts.residency === 'be+zrh'
            ? 'Encrypted backups to Zurich, Switzerland, when they are configured: on the basis of the Commission’s adequacy decision for Switzerland, confirmed on 15 January 2024. No other transfer.'
            : 'None: live data and backups are in the European Union.',
        ),
        say(
          'What a customer’s rules send to the partner’s Jira site goes where the partner has its site; the customer decides on that.',
        ),
      ),
      section(
        'Security measures (Article 32(1))',
        list(
          ...(Object.keys(areaNames) as MeasureArea[]).map(
            (area) =>
              `${areaNames[area]}: ${measures
                .filter((measure) => measure.area === area)
                .map(({ text }) => text)
                .join(' ')}`,
          ),
        ),
      ),
    ],
  };
}
