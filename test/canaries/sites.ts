/** Two sites in which every name, person, list and field is a canary, and an issue in which every kind of field holds one. */
import { BARE, canary, canaryAddress } from '../kit/canaries.ts';
import type { SiteSpec } from '../../infra/local/jira/http/serve.ts';
import type { PersonFields } from '../../infra/local/jira/http/people.ts';
import type { CustomType } from '../../infra/local/jira/model/customFields.ts';
import type { CustomKind, FieldKind, FieldName } from '../../shared/model/field.ts';
import { customKinds, fieldNames } from '../../shared/model/field.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';

/** The role that only some are in, and apps. */
export const ROLE = 'atlassian-addons-project-access';
export const ADMIN = `712020:${canary('account', 'admin')}`;
export const WORKER = `712020:${canary('account', 'worker')}`;

/** How Jira calls the type of a custom field of each kind. */
const TYPES: Readonly<Record<CustomKind, CustomType>> = {
  text: 'textfield',
  url: 'url',
  richText: 'textarea',
  number: 'float',
  date: 'datepicker',
  dateTime: 'datetime',
  option: 'select',
  cascade: 'cascadingselect',
  user: 'userpicker',
  options: 'multiselect',
  users: 'multiuserpicker',
  labels: 'labels',
};

/** The name of the custom field of a kind. */
export const nameOf = (kind: CustomKind): string => canary('fieldname', kind);
const OPTIONS = [canary('option', 1), canary('option', 2)] as const;
export const NAMES = {
  type: canary('option', 'type'),
  priorities: [canary('option', 'high'), canary('option', 'low')],
  status: canary('option', 'working'),
  resolution: canary('option', 'resolution'),
  linkType: canary('link', 'type'),
} as const;

function siteSpec(name: string, key: string): SiteSpec {
  return {
    name,
    users: [
      { accountId: ADMIN, displayName: canary('name', 'admin'), emailAddress: canaryAddress('admin'), admin: true },
      { accountId: WORKER, displayName: canary('name', 'worker'), emailAddress: canaryAddress('worker') },
    ],
    statuses: [
      { name: canary('option', 'new'), category: 'new' },
      { name: NAMES.status, category: 'indeterminate' },
      { name: canary('option', 'done'), category: 'done' },
    ],
    issueTypes: [
      { name: 'Epic', hierarchyLevel: 1 },
      { name: NAMES.type, hierarchyLevel: 0 },
      { name: 'Task', hierarchyLevel: 0 },
    ],
    priorities: NAMES.priorities,
    resolutions: [NAMES.resolution],
    linkTypes: [[NAMES.linkType, canary('link', 'inward'), canary('link', 'outward')]],
    customFields: [
      ...customKinds.map((kind) => ({
        name: nameOf(kind),
        type: TYPES[kind],
        ...(kind === 'option' || kind === 'options' ? { options: OPTIONS } : {}),
        ...(kind === 'cascade' ? { options: [{ name: OPTIONS[0], children: [canary('option', 'child')] }] } : {}),
      })),
      { name: 'Sprint', type: 'gh-sprint' as const },
    ],
    projects: [
      {
        key,
        name: canary('setting', 'project'),
        roles: { [ROLE]: [ADMIN] },
        components: [canary('component', 1), canary('component', 2)],
        versions: [canary('version', 1), canary('version', 2)],
        boards: [{ name: canary('sprint', 'board'), sprints: [{ name: canary('sprint', 1), state: 'active' }] }],
        workflow: {
          initial: canary('option', 'new'),
          transitions: [
            { name: canary('option', 'work'), from: 'any', to: NAMES.status },
            { name: canary('option', 'end'), from: 'any', to: canary('option', 'done'), screen: ['resolution'] },
            { name: canary('option', 'again'), from: 'any', to: canary('option', 'new') },
          ],
        },
      },
    ],
  };
}

export const SITES: readonly SiteSpec[] = [siteSpec('alpha', 'ALPHA'), siteSpec('beta', 'BETA')];

/** Everything that these sites can share. */
export const ALL_FIELDS: readonly FieldName[] = [
  ...fieldNames,
  ...customKinds.map((kind): FieldName => `custom:${kind}:${nameOf(kind)}`),
];

/** Rules under which everything leaves. */
export function rulesOfAll(more: Partial<RuleDocument> = {}): RuleDocument {
  return {
    ...defaultRules(),
    fields: ALL_FIELDS.map((field) => ({ field, policy: 'newest' })),
    worklogs: true,
    attachments: {},
    visibility: { [`role:${ROLE}`]: `role:${ROLE}` },
    fallbackIssueType: 'Task',
    ...more,
  };
}

/** A new issue with a canary in every field that one may be given at birth. */
export function fieldsOfAll(nth: number | string = 0): PersonFields {
  return {
    issuetype: NAMES.type,
    summary: canary('summary', nth),
    description: `${canary('description', nth)} *and* more`,
    environment: canary('environment', nth),
    priority: NAMES.priorities[0],
    labels: [canary('label', nth)],
    components: [canary('component', 1)],
    fixVersions: [canary('version', 1)],
    versions: [canary('version', 2)],
    assignee: WORKER,
    duedate: BARE.date,
    timetracking: { originalEstimate: `${BARE.seconds / 60}m`, remainingEstimate: `${BARE.seconds / 60 + 7}m` },
    Sprint: canary('sprint', 1),
    [nameOf('text')]: canary('text', nth),
    [nameOf('url')]: `https://example.org/${canary('text', `url-${nth}`)}`,
    [nameOf('richText')]: `${canary('text', `rich-${nth}`)} _in_ a document`,
    [nameOf('number')]: BARE.number,
    [nameOf('date')]: BARE.date,
    [nameOf('dateTime')]: BARE.dateTime.replace('Z', '+0000'),
    [nameOf('option')]: OPTIONS[0],
    [nameOf('cascade')]: `${OPTIONS[0]} > ${canary('option', 'child')}`,
    [nameOf('user')]: WORKER,
    [nameOf('options')]: [...OPTIONS],
    [nameOf('users')]: [ADMIN, WORKER],
    [nameOf('labels')]: [canary('label', 'custom')],
  };
}

/** A text by which one knows on the other site that a kind of field has come; of some it is the thing itself. */
export const ARRIVED: Readonly<Record<FieldKind, string>> = {
  text: canary('text'),
  url: canary('text', 'url-0'),
  richText: canary('text', 'rich-0'),
  number: String(BARE.number),
  duration: String(BARE.seconds),
  date: BARE.date,
  dateTime: String(Date.parse(BARE.dateTime)),
  option: OPTIONS[0],
  type: NAMES.type,
  status: NAMES.status,
  sprint: canary('sprint', 1),
  cascade: canary('option', 'child'),
  user: WORKER,
  issue: canary('summary', 'epic'),
  options: OPTIONS[1],
  users: ADMIN,
  labels: canary('label', 'custom'),
  links: canary('link', 'outward'),
  remoteLinks: canary('link', 'page'),
};
