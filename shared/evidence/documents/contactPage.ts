/** Who runs this installation and how to reach it: what the operator has set, and nothing invented. Pure. @see PROMISES.md E-13, E-42, X-34, X-36 */
import type { Operator } from '../../model/party.ts';
import { answerTimes } from '../../retention/deadlines.ts';
import { escaped } from './html.ts';

/** The body of the page. */
export function contactBody(operator: Operator | undefined): string {
  if (operator === undefined)
    return '<h1>Contact</h1><p class="note">Nobody has said yet who runs this installation. It is set in the configuration (TWINLINE_OPERATOR); a public service does not start without it.</p>';
  const lines: readonly (readonly [label: string, html: string | undefined])[] = [
    ['Operator', escaped(operator.name)],
    ['Address', operator.address === undefined ? undefined : escaped(operator.address)],
    ['E-mail', mailTo(operator.mail)],
    ['Data protection', mailTo(operator.privacyMail ?? operator.mail)],
    ['Service desk', linkTo(operator.desk)],
    ['Website', linkTo(operator.website)],
    ['Release history', linkTo(operator.releases)],
    ['Community', linkTo(operator.community)],
  ];
  const rows = lines
    .filter(([, html]) => html !== undefined)
    .map(([label, html = '']) => `<tr><td>${label}</td><td>${html}</td></tr>`);
  return [
    '<h1>Contact</h1>',
    '<p class="lead">Who runs this service, and whom to ask.</p>',
    `<table><tbody>${rows.join('')}</tbody></table>`,
    '<h2>How fast we answer</h2>',
    '<ul>',
    `<li>Questions about your data and your rights: confirmed within ${answerTimes.acknowledgeDays} days, settled within ${answerTimes.rightsDays}.</li>`,
    `<li>Problems with the service: confirmed within ${answerTimes.problemDays} day.</li>`,
    `<li>Questions about security: within ${answerTimes.conceptWorkingDays} working days.</li>`,
    '</ul>',
  ].join('\n');
}

function mailTo(address: string | undefined): string | undefined {
  return address === undefined ? undefined : `<a href="mailto:${escaped(address)}">${escaped(address)}</a>`;
}

function linkTo(url: string | undefined): string | undefined {
  return url === undefined ? undefined : `<a href="${escaped(url)}">${escaped(url)}</a>`;
}
