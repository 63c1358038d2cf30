/** A Jira of several sites in memory, as far as the console asks it: who administers, which projects, issues and JQL there are. */
import type { IssueId, IssueKey, ProjectKey, TenantId } from '../../shared/model/ids.ts';
import { issueId, issueKey, projectKey } from '../../shared/model/ids.ts';
import { mailAddress } from '../../shared/model/mail.ts';
import type { JiraIssue } from '../../shared/model/replica.ts';
import { fieldNames } from '../../shared/model/field.ts';
import type { FieldName } from '../../shared/model/field.ts';
import type { ProjectRules } from '../../shared/model/projectRules.ts';
import type { Jira, JiraSite } from '../../shared/ports.ts';
import { Fault } from '../../shared/verdict.ts';

/** One site. Sets may be changed by a test at any time. */
export interface AdminSite {
  readonly admins: Set<string>;
  readonly projects: Set<string>;
  /** Key → id. */
  readonly issues: Map<string, string>;
  /** What the site calls its people, and how often it was asked. */
  readonly names: Map<string, string>;
  namesAsked: number;
  /** Addresses that people let everybody see. */
  readonly mails: Map<string, string>;
  /** Questions about people that the site has answered. */
  asked: number;
  /** What every project of the site is like. */
  rules: ProjectRules;
}

/** A project with usual types, statuses and screens, and the custom fields that tests speak of. */
export function projectRulesWith(change: Partial<ProjectRules> = {}): ProjectRules {
  const custom: readonly FieldName[] = [
    ...(['custom:text:Geheim', 'custom:text:Ziel', 'custom:option:X', 'custom:option:Geheim'] as const),
    'custom:labels:Team',
  ];
  const creatable: readonly FieldName[] = [...fieldNames.filter((field) => field !== 'status'), ...custom];
  const type = { isSubtask: false, creatable, required: ['summary'] as const, statuses: ['To Do', 'Done'] };
  return {
    custom,
    types: [
      { name: 'Task', ...type },
      { name: 'Bug', ...type },
    ],
    options: { priority: ['High', 'Low'] },
    linkTypes: ['Blocks'],
    moves: [],
    looked: [],
    ...change,
  };
}

/** Sites by tenant. A tenant without a site is one whose Jira does not answer. */
export class AdminJira implements Jira {
  readonly sites = new Map<TenantId, AdminSite>();

  /** Opens a site with one administrator. */
  open(tenant: TenantId, admin: string, projects: readonly string[]): AdminSite {
    const site: AdminSite = {
      admins: new Set([admin]),
      projects: new Set(projects),
      issues: new Map<string, string>(),
      names: new Map<string, string>(),
      namesAsked: 0,
      mails: new Map<string, string>(),
      asked: 0,
      rules: projectRulesWith(),
    };
    this.sites.set(tenant, site);
    return site;
  }

  at({ tenant }: { readonly tenant: TenantId }): JiraSite {
    const site = this.sites.get(tenant);
    if (site === undefined) throw new Fault('jira-unavailable');
    return {
      ...unusedSite,
      mayPerson: async (account) => {
        site.asked += 1;
        return site.admins.has(account);
      },
      projectExists: async (project) => site.projects.has(project),
      readNames: async (accounts) => {
        site.namesAsked += 1;
        return new Map(accounts.flatMap((one) => (site.names.has(one) ? [[one, site.names.get(one) ?? '']] : [])));
      },
      isJql: async (queries) => queries.every(isJql),
      readProject: async () => site.rules,
      readIssue: async (named) => readIssue(site, named),
      readMail: async (account) => {
        const address = site.mails.get(account);
        return address === undefined ? undefined : mailAddress(address);
      },
      readAudience: async () => ({ watchers: 3, votes: 1 }),
    };
  }
}

/** As much of JQL's grammar as a scope needs: balanced parentheses that never close before they open, no order inside. */
function isJql(jql: string): boolean {
  let depth = 0;
  for (const character of jql) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0 && !/\([^)]*order by/i.test(jql) && !/^\s*(and|or)\b/i.test(jql);
}

function readIssue(site: AdminSite, named: IssueId | IssueKey): JiraIssue | 'gone' {
  const found = [...site.issues].find((pair) => pair.includes(named));
  if (found === undefined) return 'gone';
  const [key, id] = found;
  const project: ProjectKey = projectKey(key.split('-')[0] ?? '');
  return {
    id: issueId(id),
    key: issueKey(key),
    projectKey: project,
    createdAt: 0,
    updatedAt: 0,
    fields: {},
    changedAt: {},
    isSubtask: false,
  };
}

const never = async (): Promise<never> => {
  throw new Fault('bug', { why: 'the console must not call this' });
};
/** A site that nobody asks anything. */
export const unusedSite: JiraSite = {
  readIssue: never,
  readAudience: never,
  readWhole: never,
  readMany: never,
  readComments: never,
  readMarkers: never,
  findMarked: never,
  readAbilities: never,
  createIssue: never,
  editIssue: never,
  transition: never,
  changeLink: never,
  removeMarker: never,
  deleteIssue: never,
  addComment: never,
  editComment: never,
  deleteComment: never,
  readWorklogs: never,
  addWorklog: never,
  editWorklog: never,
  deleteWorklog: never,
  worklogChanges: never,
  placesOfWorklogs: never,
  readAttachments: never,
  readMedia: never,
  openAttachment: never,
  addAttachment: never,
  deleteAttachment: never,
  readHost: never,
  archivedPart: never,
  match: never,
  search: never,
  searchChanged: never,
  readKeys: never,
  mayPerson: never,
  readNames: never,
  reportAccounts: never,
  projectExists: never,
  readProject: never,
  readMail: never,
  readAddon: never,
  isJql: never,
};
