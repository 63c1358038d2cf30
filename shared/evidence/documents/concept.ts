/** The security concept: every measure with what shows it. Pure. @see PROMISES.md E-11 to E-13, X-25 */
import { answerTimes } from '../../retention/deadlines.ts';
import { areaNames, fixDays, measures, REVIEW_BY } from '../../retention/measures.ts';
import type { Measure, MeasureArea } from '../../retention/measures.ts';
import { grid, list, say, section } from './document.ts';
import type { Document, Section } from './document.ts';
import { paths } from './paths.ts';

/** Makes the security concept. */
export function securityConcept(): Document {
  const areas = Object.keys(areaNames) as MeasureArea[];
  return {
    id: 'security',
    title: 'Security concept',
    lead: 'The technical and organisational measures that protect customer data. Each is followed by what shows that it holds: a test of the program, which runs with every change, or a command that anybody can run on the public program.',
    sections: [
      build(),
      ...areas.map((area) => areaSection(area)),
      weaknesses(),
      section(
        'Review',
        say(
          `All measures are reviewed again by ${REVIEW_BY}. After that day the program cannot be built until it has been done.`,
        ),
        say(
          `Questions go to the [contact page](${paths.contact}); an answer comes within ${answerTimes.conceptWorkingDays} working days.`,
        ),
      ),
    ],
  };
}

function build(): Section {
  return section(
    'How the service is built',
    list(
      'The service consists of a few separate functions on Google Cloud. Each does one job, runs under an account of its own and has only the rights that its job needs.',
      'They do not call one another; they pass messages that hold ids only.',
      'There are no servers to log in to, and no passwords of customers.',
      'Data are in three databases: the working data, the keys, and the record of beginnings and ends. The keys are in no backup. The record is never restored.',
      'Every stored field is on one list. What is not on the list cannot be stored; what is on it has a purpose, an owner and an end.',
    ),
  );
}

function areaSection(area: MeasureArea): Section {
  return section(
    areaNames[area],
    grid(
      ['Measure', 'Shown by'],
      measures.filter((measure) => measure.area === area).map((measure) => [measure.text, shownBy(measure)]),
    ),
  );
}

function shownBy({ shown }: Measure): string {
  return shown
    .map((one) => ('test' in one ? `test “${one.test}”` : `“${one.command}”, which shows ${one.shows}`))
    .join('; ');
}

function weaknesses(): Section {
  return section(
    'When a weakness becomes known',
    say(
      'Weaknesses in the program and in the packages that it uses are mended within these times, counted from the day on which they become known:',
    ),
    grid(
      ['Severity', 'Mended within'],
      Object.entries(fixDays).map(([severity, days]) => [severity, `${days} days`]),
    ),
    say(
      'An incident that concerns data of yours is told to you without undue delay, with what is known, what is done about it and what you can do.',
    ),
  );
}
