/**
 * The annexes of a data processing agreement, in the structure of the standard contractual clauses between controllers
 * and processors. The clauses themselves are law and are not repeated. Pure. @see Decision (EU) 2021/915, PROMISES.md E-36
 */
import { rowOf } from '../../retention/catalogue.ts';
import { deadlines } from '../../retention/deadlines.ts';
import { areaNames, measures } from '../../retention/measures.ts';
import type { MeasureArea } from '../../retention/measures.ts';
import { NOTICE_DAYS } from '../../retention/processors.ts';
import type { Processor } from '../../retention/processors.ts';
import { grid, list, say, section } from './document.ts';
import type { Document, Section } from './document.ts';
import { paths } from './paths.ts';
import { agreementOf, placeOf, received } from './processorList.ts';
import { categoriesOf, classWords, goneWhen, personalOf, storedClasses, wordsOf } from './words.ts';

/** Makes the annexes. */
export function agreementAnnexes(register: readonly Processor[]): Document {
  return {
    id: 'agreement',
    title: 'Annexes to the data processing agreement',
    lead: 'They complete the standard contractual clauses of the European Commission between controllers and processors (Implementing Decision (EU) 2021/915), which the parties sign unchanged. What is in here is made from the program.',
    sections: [parties(), description(), technical(), subprocessors(register)],
  };
}

function parties(): Section {
  return section(
    'Annex I: List of parties',
    list(
      'Controller: the customer, as named in the signed agreement, with the contact for data protection that it names there.',
      `Processor: the operator of this service, as named on the [contact page](${paths.contact}).`,
      'Signature and date: on the signed agreement.',
    ),
  );
}

function description(): Section {
  return section(
    'Annex II: Description of the processing',
    say(
      'Persons concerned: people who work with the controller’s Jira issues, and people who are written about in them.',
    ),
    grid(
      ['Class', 'Kind of data', 'About people', 'Duration'],
      storedClasses()
        .filter((statement) => statement !== 'system')
        .flatMap((statement) =>
          categoriesOf(statement).map((category) => {
            const row = rowOf(category);
            return [classWords[statement].title, wordsOf(category).name, personalOf(row.fields), goneWhen(category)];
          }),
        ),
    ),
    say(
      'Sensitive data: none are asked for. Texts and files that people write may contain some; all texts are therefore encrypted, never searched through and never logged.',
    ),
    say(
      'Nature and purpose: keeping issues of the controller’s Jira site in step with issues of a partner’s site, as the controller’s rules say.',
    ),
    say(
      `Duration: as long as the subscription; after its end live data for at most ${deadlines.liveDays} days, nothing readable after ${deadlines.hardStopDays} days, and on request live data for at most ${deadlines.requestLiveHours} hours.`,
    ),
  );
}

function technical(): Section {
  return section(
    'Annex III: Technical and organisational measures',
    grid(
      ['Area', 'Measure'],
      (Object.keys(areaNames) as MeasureArea[]).flatMap((area) =>
        measures.filter((measure) => measure.area === area).map(({ text }) => [areaNames[area], text]),
      ),
    ),
    say(`What shows each of them is in the [security concept](${paths.security}).`),
    say(
      'Assistance to the controller: its administrators reach the settings and the deletion in the app; requests of persons concerned are answered with the controller’s help.',
    ),
  );
}

function subprocessors(register: readonly Processor[]): Section {
  return section(
    'Annex IV: List of sub-processors',
    say(
      `The controller agrees to these sub-processors. Changes are announced ${NOTICE_DAYS} days ahead; in that time the controller may object.`,
    ),
    grid(
      ['Name', 'Place', 'Subject', 'Data', 'Agreement', 'Since'],
      register
        .filter(({ role }) => role === 'sub-processor')
        .map((row) => [row.name, placeOf(row), row.purpose, received(row), agreementOf(row), row.since]),
    ),
  );
}
