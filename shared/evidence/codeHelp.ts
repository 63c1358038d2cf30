/** What each code that blocks work means to an admin, why it happens and what to do: complete by type. Pure. */
import { escaped } from './documents/html.ts';
import { healsItself } from '../model/trouble.ts';
import { codes, meaningOf } from '../verdict.ts';
import type { AdminCode, Code } from '../verdict.ts';

/** The help of one code; plain sentences, never filled with values. */
export interface CodeHelp {
  readonly means: string;
  readonly why: string;
  readonly what: string;
}

/** One row for each code of which an admin is told; the compiler misses one that is not here. */
export const codeHelp: Readonly<Record<AdminCode, CodeHelp>> = {
  'field-refused': {
    means: 'The other site was given the value and refused it. The rest of the issue goes on.',
    why: 'A validator, a field configuration or a limit of that site does not allow the value.',
    what: 'Change the value, or the field’s configuration there, then try again: the same value is not sent a second time by itself.',
  },
  'contract-refused': {
    means: 'The field is not among those that the two sides have agreed may be sent.',
    why: 'The rules of one side were widened and the partner has not agreed yet, or it has declined.',
    what: 'Ask the partner to agree to the waiting version, or take the field out of the rules.',
  },
  'field-not-on-screen': {
    means: 'The field cannot be written on the other issue.',
    why: 'It is not on the edit screen of that project and issue type, or the field does not exist there.',
    what: 'Add the field to the screen, choose another target field in the rules, or let the change stay where it is.',
  },
  'value-unknown': {
    means: 'The other site does not know this value of the list.',
    why: 'The option, priority, version, component, type or sprint has another name there or does not exist.',
    what: 'Create it there, or add a line to the value table of the rules.',
  },
  'text-too-long': {
    means: 'The text is longer than the field of the other site takes.',
    why: 'One-line fields of Jira take 255 characters, long texts 32,767.',
    what: 'Shorten the text, or add a transform to the rules that cuts it.',
  },
  'parent-not-synced': {
    means: 'The issue waits for its parent.',
    why: 'The parent has no counterpart on the other site yet, so there is nothing to put this one beneath.',
    what: 'Bring the parent under sync, or take the parent field out of the rules.',
  },
  'link-target-not-synced': {
    means: 'A link has nowhere to lead on the other site.',
    why: 'The linked issue is not under sync.',
    what: 'Bring the linked issue under sync, or let the change stay where it is.',
  },
  'link-limit': {
    means: 'The other issue takes no more links.',
    why: 'Jira limits the links of one issue.',
    what: 'Remove links there, then try again.',
  },
  'field-flipping': {
    means: 'The field rests: it was changed to and fro ten times without a person.',
    why: 'Automation rules of both sites answer each other.',
    what: 'Stop or narrow one of the automations; then change the field by hand or try again.',
  },
  'transition-field-missing': {
    means: 'The status cannot be changed because the transition asks for a field.',
    why: 'The screen of the transition has a required field that neither the issue nor the rules give.',
    what: 'Give a value for it in the rules, or make it optional in the workflow.',
  },
  'user-not-assignable': {
    means: 'The person cannot be set on the other issue.',
    why: 'The account is unknown or inactive there, or lacks the permission to be assigned.',
    what: 'Give the person access, map the person in the rules, or name a stand-in.',
  },
  'status-unreachable': {
    means: 'The other issue cannot reach the wanted status.',
    why: 'No transition of its workflow leads there from where it stands, or the app may not use it.',
    what: 'Map the status to another one in the rules, or open a transition.',
  },
  'rich-text-unsafe': {
    means: 'The text or address stays on its side.',
    why: 'It holds an address that could run code in a browser.',
    what: 'Take the address out of the text.',
  },
  'rich-text-media': {
    means: 'The text is not written over.',
    why: 'The text there shows a file that this side cannot show and that would be lost, or one that was deleted meanwhile.',
    what: 'Let the file travel, take the change over by hand, or move the file out of the text.',
  },
  'comment-empty': {
    means: 'The comment has nothing to send.',
    why: 'Nothing readable is left of it.',
    what: 'Nothing, unless the comment was meant to say something.',
  },
  'comment-restricted': {
    means: 'The comment stays on its side.',
    why: 'Only a role or group may read it, and the rules do not say to whom it goes there.',
    what: 'Nothing, or name the role or group in the visibility table of the rules.',
  },
  'comment-limit': {
    means: 'The other issue takes no more comments.',
    why: 'Jira limits the comments of one issue to 5,000.',
    what: 'Delete comments there, then try again.',
  },
  'comment-foreign': {
    means: 'The comment is left alone.',
    why: 'The sync did not make it.',
    what: 'Nothing.',
  },
  'comment-copy-deleted': {
    means: 'The comment has no copy on the other side any more.',
    why: 'A person deleted the copy. The original stays and is not sent again.',
    what: 'Nothing, or write the comment again.',
  },
  'visibility-unknown': {
    means: 'A restricted text was not sent.',
    why: 'The other site does not know the role or group, or the app is not a member of it; sent anyway, everybody could read it.',
    what: 'Create the role or group there and add the app to it, or map it to another one in the rules.',
  },
  'worklog-restricted': {
    means: 'The worklog stays on its side.',
    why: 'Only a role or group may read it, and the rules do not say to whom it goes there.',
    what: 'Nothing, or name the role or group in the visibility table of the rules.',
  },
  'worklog-limit': {
    means: 'The other issue takes no more worklogs.',
    why: 'Jira limits the worklogs of one issue to 10,000.',
    what: 'Delete worklogs there, then try again.',
  },
  'worklog-copy-deleted': {
    means: 'The worklog has no copy on the other side any more.',
    why: 'A person deleted the copy. The original stays and is not sent again.',
    what: 'Nothing, or log the work again.',
  },
  'attachment-restricted': {
    means: 'The file stays on its side.',
    why: 'It is shown in a restricted comment or worklog only.',
    what: 'Nothing, or attach the file where everybody may see it.',
  },
  'attachment-too-large': {
    means: 'The file was not sent.',
    why: 'It is larger than the other site takes.',
    what: 'Raise the limit of that site, or narrow the files in the rules.',
  },
  'attachment-broken': {
    means: 'The file did not arrive as it was sent, twice.',
    why: 'The transfer broke, or the site changes files on their way in.',
    what: 'Attach the file again, then try again.',
  },
  'attachment-limit': {
    means: 'The other issue takes no more files.',
    why: 'Jira limits the files of one issue.',
    what: 'Delete files there, then try again.',
  },
  'attachment-copy-deleted': {
    means: 'The file has no copy on the other side any more.',
    why: 'A person deleted the copy. The original stays and is not sent again.',
    what: 'Nothing, or attach the file again.',
  },
  'attachments-off': {
    means: 'No file was sent.',
    why: 'The other site has attachments switched off.',
    what: 'Switch them on there, or take files out of the rules.',
  },
  'connection-restored': {
    means: 'Nothing of the connection is synced for now, and nothing was written over.',
    why: 'An issue’s last change is older than it was: the site was restored from a backup. Or our own store was: the service tells so.',
    what: 'Say which side counts (`twinline restored`): one side, the newest of both, or ask for each difference. After a restore of our own store, look at the active rules first: they are as old as the backup.',
  },
  'project-archived': {
    means: 'The pair waits. Nothing is lost, and pairs that have nothing to write notice nothing.',
    why: 'The project, or the issue alone, was archived on one side: Jira shows it and lets nobody change it.',
    what: 'Restore the project or the issue in Jira. Pairs of a project go on within the hour, at once with `twinline reconcile light`; a single issue with its next change or `twinline retry`. If it is to stay archived, end the connection or the pair.',
  },
  'conflict-held': {
    means: 'Both sides changed the field, and nothing was written over.',
    why: 'The rules of the field leave the choice to a person.',
    what: 'Answer in the conflict inbox: keep one, keep both, edit, or leave both as they are.',
  },
  'pair-malformed': {
    means: 'The line was left out; the other lines go on.',
    why: 'A line names one issue of each side, by key or id, with a comma between.',
    what: 'Mend the line and start again: pairs that are connected already stay as they are.',
  },
  'pair-issue-missing': {
    means: 'The line was left out; the other lines go on.',
    why: 'The issue does not exist, was deleted, or the app may not see it.',
    what: 'Check the key and the app’s permissions in that project.',
  },
  'pair-wrong-project': {
    means: 'The line was left out; the other lines go on.',
    why: 'A connection joins one project of each side, and the issue is in another one.',
    what: 'Use a connection of that project, or move the issue.',
  },
  'pair-of-itself': {
    means: 'The line was left out; the other lines go on.',
    why: 'Both names lead to one issue.',
    what: 'Name the issue of the other side.',
  },
  'pair-taken': {
    means: 'The line was left out; the other lines go on.',
    why: 'An issue has one counterpart in a connection, and this one has it already.',
    what: 'Unlink the other pair first, or leave the line out.',
  },
  'match-ambiguous': {
    means: 'The issue was not connected.',
    why: 'The matching rule finds several issues with the same value, and the right one cannot be told.',
    what: 'Match by a field whose values are unique, or connect the pair by hand.',
  },
  'marker-kept': {
    means: 'The pair has ended, but an issue still carries our mark.',
    why: 'The site did not let the app remove it.',
    what: 'Give the app the permission to edit the issue and unlink again, or leave the mark: it holds ids only.',
  },
  'issue-gone': {
    means: 'Nothing is synced for this pair.',
    why: 'One of the two issues was deleted, moved out of the project, or hidden from the app.',
    what: 'Bring the issue back or give the app access; else unlink the pair.',
  },
  'jira-unauthorised': {
    means: 'The site refuses the app.',
    why: 'The app was uninstalled or disabled, or its credentials are being renewed.',
    what: 'Enable or reinstall the app on that site.',
  },
  'jira-forbidden': {
    means: 'The app may not do this on the site.',
    why: 'The app’s account lacks a permission of the project.',
    what: 'Give the app’s role the permission to browse, create, edit, comment and transition in the project.',
  },
  'jira-not-found': {
    means: 'The site says that the thing does not exist or is hidden.',
    why: 'It was deleted meanwhile, or the app may not see it.',
    what: 'Check the app’s permissions, the issue security and the comment’s readers.',
  },
  'jira-refused': {
    means: 'The site refuses the request.',
    why: 'A rule of the site, a query or a configuration does not allow it.',
    what: 'Look at the place that the error names; change it there or in the rules.',
  },
  'row-too-large': {
    means: 'The issue is not synced any further.',
    why: 'What has to be remembered of it is larger than one stored record may be.',
    what: 'Split the issue, or take large sets out of the rules.',
  },
  'script-syntax': {
    means: 'The rule script cannot be read.',
    why: 'It is not valid.',
    what: 'Check the version: the place is told with line and column.',
  },
  'script-error': {
    means: 'The rule script failed on this issue.',
    why: 'It met something that it was not written for.',
    what: 'Preview the issue with a draft, and publish the mended script.',
  },
  'script-timeout': {
    means: 'The rule script was stopped.',
    why: 'It used more time than it may.',
    what: 'Make it do less for each issue.',
  },
  'script-memory': {
    means: 'The rule script was stopped.',
    why: 'It used more memory than it may.',
    what: 'Make it hold less at a time.',
  },
  'script-output-odd': {
    means: 'What the rule script gave is not used.',
    why: 'It gave something that is no plain value, such as a function.',
    what: 'Return plain values only.',
  },
  'script-output-large': {
    means: 'What the rule script gave is not used.',
    why: 'It gave more than it may.',
    what: 'Return less.',
  },
  'script-input-large': {
    means: 'The rule script was not run.',
    why: 'The issue is larger than what a script is given.',
    what: 'Take large fields out of the rules, or do without the script for such issues.',
  },
  'script-too-large': {
    means: 'The rule script was not taken.',
    why: 'It is longer than it may be.',
    what: 'Shorten it.',
  },
};

/** Every code that has a row, in the order of the table of codes. */
export const helpedCodes: readonly AdminCode[] = (Object.keys(codes) as Code[]).filter(isAdminCode);

/** True for a code of which an admin is told. */
export function isAdminCode(code: Code): code is AdminCode {
  return Object.hasOwn(codeHelp, code);
}

/** What Twinline does by itself after this code, and what a person may do. */
export function retryOf(code: Code): string {
  if (healsItself(code)) return 'Twinline looks again by itself, after 5 minutes at first and every 6 hours at last.';
  const { retry, told } = meaningOf(code);
  if (told === 'admin') return 'Twinline tries again when one of the issues changes, or when you ask for it.';
  return retry ? 'Twinline tries again by itself.' : 'Twinline does not try again by itself.';
}

/** The help of any code: its own row, or what the table of codes says of it. Each line with its heading. */
export function helpLines(code: Code): readonly (readonly [heading: string, text: string])[] {
  const { says } = meaningOf(code);
  if (!isAdminCode(code))
    return [
      ['What it means', says],
      ['What happens next', retryOf(code)],
    ];
  const { means, why, what } = codeHelp[code];
  return [
    ['In short', says],
    ['What it means', means],
    ['Why it happens', why],
    ['What to do', what],
    ['What happens next', retryOf(code)],
  ];
}

/** The list for the repository, in Markdown. */
export function helpMarkdown(): string {
  const sections = helpedCodes.map((code) =>
    [`## ${code}`, ...helpLines(code).map(([heading, text]) => `**${heading}.** ${text}`)].join('\n\n'),
  );
  return [
    '# What blocks a field, a twin or a script, and what to do',
    'Made from `shared/evidence/codeHelp.ts`; a test compares the two. The same texts are at `/help/CODE` and in `npm run twinline -- help CODE`.',
    ...sections,
  ]
    .join('\n\n')
    .concat('\n');
}

/** The public page of one code: plain HTML without script or style. */
export function helpPage(code: Code): string {
  const parts = helpLines(code).map(([heading, text]) => `<h2>${escaped(heading)}</h2>\n<p>${escaped(text)}</p>`);
  return [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>${escaped(code)} – Twinline</title></head>`,
    `<body>\n<h1>${escaped(code)}</h1>`,
    ...parts,
    '<p><a href="/trust">What Twinline does with data</a> · <a href="/trust/contact">Contact</a></p>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
