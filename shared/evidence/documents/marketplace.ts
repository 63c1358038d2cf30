/**
 * Answers for the privacy-and-security tab of the Atlassian Marketplace. Atlassian's own list of questions could not be
 * obtained: these are the subjects that its documentation names, to be copied over by hand and compared with the form.
 * Pure. @see PROMISES.md E-04, E-06, ATLASSIAN.md §9
 */
import { deadlines, residues } from '../../retention/deadlines.ts';
import { fixDays, measures } from '../../retention/measures.ts';
import { NOTICE_DAYS } from '../../retention/processors.ts';
import type { Processor } from '../../retention/processors.ts';
import { grid, section } from './document.ts';
import type { Document } from './document.ts';
import type { DocumentFacts } from './facts.ts';
import { paths } from './paths.ts';
import { placeOf } from './processorList.ts';
import { classWords, storedClasses } from './words.ts';

/** Makes the answers. */
export function marketplaceAnswers({ residency, features }: DocumentFacts, register: readonly Processor[]): Document {
  const subs = register.filter(({ role }) => role === 'sub-processor');
  const measure = (id: string): string => measures.find((one) => one.id === id)?.text ?? '';
  return {
    id: 'marketplace',
    title: 'Privacy and security answers for the Marketplace',
    lead: 'Answers about this app, made from the program, in the order of the subjects that Atlassian asks about.',
    sections: [
      section(
        'Data',
        grid(
          ['Question', 'Answer'],
          [
            ['Does the app store customer data outside Atlassian?', 'Yes.'],
            [
              'Which?',
              storedClasses()
                .filter((one) => one !== 'system')
                .map((one) => classWords[one].title.toLowerCase())
                .join(', '),
            ],
            ['Where?', subs.map((row) => `${row.name}: ${placeOf(row)}`).join('; ')],
            [
              'Does it store personal data?',
              `Account ids, and whatever people wrote in texts that are synced. ${features.identity ? `Names for ${deadlines.identityHours} hours at most.` : 'Names and e-mail addresses are not stored.'}`,
            ],
            ['Does the app log end-user data?', 'No. Logs hold ids, codes and times.'],
            [
              'Are data shared with third parties?',
              `Only with the processors on the public list (${paths.processors}).`,
            ],
          ],
        ),
      ),
      section(
        'Data residency',
        grid(
          ['Question', 'Answer'],
          [
            [
              'Does the app support data residency options?',
              'One location: the European Union (Belgium) for all live data.',
            ],
            [
              'What is in scope?',
              residency === 'be+zrh' && features.backups
                ? 'All live data. Encrypted backups are the published exception: they are in Zurich, Switzerland, outside the EU, under an adequacy decision, without keys.'
                : 'All data.',
            ],
            ['Does it support migration of data between locations?', 'No: there is one location.'],
          ],
        ),
      ),
      section(
        'Retention and deletion',
        grid(
          ['Question', 'Answer'],
          [
            [
              'How long are data kept after the subscription has ended?',
              `Copies of issues ${deadlines.copyDays} days, all live data ${deadlines.liveDays} days at most${features.backups ? `, backups until day ${deadlines.backupsDays}` : ''}; nothing readable after ${deadlines.hardStopDays} days.`,
            ],
            ['Can a customer ask for deletion?', `Yes; live data are gone within ${deadlines.requestLiveHours} hours.`],
            ['Is deletion proven?', 'Yes, by a signed receipt that anybody can check without us.'],
            [
              'How long are backups kept?',
              features.backups
                ? `${residues.backupKeptDays} days at most.`
                : 'There are none outside the live databases.',
            ],
          ],
        ),
      ),
      section(
        'Security',
        grid(
          ['Question', 'Answer'],
          [
            ['Are data encrypted in transit?', measure('transport')],
            ['Are data encrypted at rest?', `${measure('sealed-content')} ${measure('own-keys')}`],
            [
              'How are requests authenticated and authorised?',
              `${measure('guarded-routes')} ${measure('admins-only')}`,
            ],
            ['Are tenants separated?', measure('tenants-apart')],
            ['Which rights does the app ask for?', measure('least-rights')],
            [
              'How fast are weaknesses mended?',
              `Critical ${fixDays.critical} days, high ${fixDays.high}, medium ${fixDays.medium}, low ${fixDays.low}.`,
            ],
          ],
        ),
      ),
      section(
        'Agreements and contact',
        grid(
          ['Question', 'Answer'],
          [
            ['Is there a privacy statement?', paths.statement],
            ['Is there a data processing agreement?', `Yes; its annexes are at ${paths.agreement}.`],
            [
              'Is there a list of sub-processors?',
              `Yes, ${paths.processors}; changes are announced ${NOTICE_DAYS} days ahead.`,
            ],
            ['Is there a security contact?', `Yes, ${paths.contact}.`],
          ],
        ),
      ),
    ],
  };
}
