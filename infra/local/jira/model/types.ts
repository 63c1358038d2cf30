import type { Attachment, AttachmentSettings, GoneWorklog, IssueLink, LinkType, RemoteLink, Worklog } from './parts.ts';

/** An Atlassian document as a plain value; its shape is the business of `contract/adf.ts`. */
export type Adf = Readonly<Record<string, unknown>>;

/** How a field's value looks, is parsed, shown and written into a changelog. */
export type FieldKind =
  | 'string'
  | 'richText'
  | 'labels'
  | 'user'
  | 'priority'
  | 'issuetype'
  | 'resolution'
  | 'components'
  | 'versions'
  | 'date'
  | 'issue'
  | 'number'
  | 'option'
  | 'options'
  | 'cascade'
  | 'users'
  | 'datetime'
  | 'url'
  | 'sprint'
  /** Both estimates and the time spent, as one object; holds no value of its own. */
  | 'timetracking'
  /** Seconds, set by way of `timetracking` and worklogs. */
  | 'duration';

/** One field of a site; `options` only for kinds `option`, `options` and `cascade`. */
export interface Field {
  readonly id: string;
  readonly name: string;
  readonly kind: FieldKind;
  readonly custom: boolean;
  /** Jira's key of the custom field's type; absent for fields of the system. */
  readonly type?: string;
  readonly options?: readonly Option[];
}

/** A choice of a custom field. One that is disabled stays where it is and cannot be chosen. */
export interface Option extends Named {
  readonly disabled: boolean;
  /** The second level of a cascading select. */
  readonly children: readonly Named[];
}

/** Something with an id and a name inside one site. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/** An issue type; sub-tasks need a parent. */
export interface IssueType extends Named {
  readonly subtask: boolean;
  /** -1 sub-task, 0 base, 1 epic, as in Jira's hierarchy. */
  readonly hierarchyLevel: number;
}

/** A status with the key of its category. */
export interface Status extends Named {
  readonly category: 'new' | 'indeterminate' | 'done';
}

/** A step of a workflow. `from` holds status ids; `any` makes it global. */
export interface Transition extends Named {
  readonly from: readonly string[] | 'any';
  readonly to: string;
  /** What happens to the resolution on the way. */
  readonly resolution: 'set' | 'clear' | 'keep';
  /** Field ids of its screen; empty when it has none. */
  readonly screen: readonly string[];
  /** Fields of the screen that must hold something afterwards. */
  readonly required: readonly string[];
  /** Who lacks it is not offered the transition. */
  readonly permission: Permission | null;
}

/** A workflow; ids of transitions are its own. */
export interface Workflow {
  readonly name: string;
  readonly initial: string;
  readonly transitions: readonly Transition[];
}

/** A person or an app; the account id is the same on every site. */
export interface Person {
  readonly accountId: string;
  readonly displayName: string;
  readonly emailAddress: string;
  /** The person's own profile lets everybody see the address, apps included. @see profile visibility */
  readonly isMailPublic?: boolean;
  readonly active: boolean;
  readonly accountType: 'atlassian' | 'app';
}

/** What a person is on one site. `apiToken` is for basic auth there. */
export interface Member {
  readonly accountId: string;
  readonly admin: boolean;
  readonly apiToken: string;
}

/** Permissions the stand-in knows, by their keys in Jira. */
export type Permission =
  | 'BROWSE_PROJECTS'
  | 'CREATE_ISSUES'
  | 'EDIT_ISSUES'
  | 'TRANSITION_ISSUES'
  | 'RESOLVE_ISSUES'
  | 'ASSIGN_ISSUES'
  | 'ASSIGNABLE_USER'
  | 'DELETE_ISSUES'
  | 'MODIFY_REPORTER'
  | 'ADD_COMMENTS'
  | 'EDIT_OWN_COMMENTS'
  | 'EDIT_ALL_COMMENTS'
  | 'DELETE_OWN_COMMENTS'
  | 'DELETE_ALL_COMMENTS'
  | 'WORK_ON_ISSUES'
  | 'EDIT_OWN_WORKLOGS'
  | 'EDIT_ALL_WORKLOGS'
  | 'DELETE_OWN_WORKLOGS'
  | 'DELETE_ALL_WORKLOGS'
  | 'CREATE_ATTACHMENTS'
  | 'DELETE_OWN_ATTACHMENTS'
  | 'DELETE_ALL_ATTACHMENTS'
  | 'LINK_ISSUES'
  | 'MANAGE_WATCHERS'
  | 'MOVE_ISSUES'
  | 'ADMINISTER_PROJECTS';

/** A permission taken away from an account in a project, whatever its roles say. */
export interface Denial {
  readonly site: string;
  /** Project key. */
  readonly project: string;
  readonly permission: Permission;
  /** Absent: the add-on's own user. */
  readonly accountId?: string;
}

/** A project. Roles hold account ids, or `*` for every member of the site. */
export interface Project extends Named {
  readonly key: string;
  readonly leadId: string;
  readonly typeIds: readonly string[];
  /** Of every issue type without one of its own. */
  readonly workflow: Workflow;
  /** By id of an issue type. */
  readonly workflows: Readonly<Record<string, Workflow>>;
  readonly createScreen: readonly string[];
  readonly editScreen: readonly string[];
  readonly roles: Readonly<Record<string, readonly string[]>>;
  readonly permissions: Readonly<Record<Permission, readonly string[]>>;
  /** Fields that must not be empty in this project. */
  readonly requiredFields: readonly string[];
  /** Grows when issues are imported. */
  readonly components: Named[];
  /** Grows when issues are imported. */
  readonly versions: ProjectVersion[];
  /** Set while the project is archived: its issues can be read by their ids, found by nobody and changed by nobody. */
  readonly archived?: boolean;
}

/** A version of a project. */
export interface ProjectVersion extends Named {
  readonly released: boolean;
  readonly archived: boolean;
  /** `2026-11-23`, or null. */
  readonly releaseDate: string | null;
}

/** A board over one project. */
export interface Board extends Named {
  readonly type: 'scrum' | 'kanban';
  readonly projectId: string;
}

/** A sprint of a board. Instants are epoch ms. */
export interface Sprint extends Named {
  readonly boardId: string;
  readonly state: 'future' | 'active' | 'closed';
  readonly goal: string;
  readonly startAt: number | null;
  readonly endAt: number | null;
  readonly completedAt: number | null;
}

/** How long a day and a week of work are; durations in words depend on it. */
export interface WorkingTime {
  readonly hoursPerDay: number;
  readonly daysPerWeek: number;
}

/** A field's value inside the model: ids, plain strings, numbers or a document. */
export type Value = null | string | number | readonly string[] | Adf;

/** One issue at one moment. Never changed in place: each write makes a new one. Instants are epoch ms. */
export interface Issue {
  readonly id: string;
  readonly key: string;
  readonly projectId: string;
  readonly statusId: string;
  readonly creatorId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly resolvedAt: number | null;
  /** By field id; what is missing is null or empty. */
  readonly values: Readonly<Record<string, Value>>;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Set while the issue is archived: as an issue of an archived project. */
  readonly archived?: boolean;
}

/** Who may read a comment. */
export interface Visibility {
  readonly type: 'group' | 'role';
  readonly value: string;
}

/** A comment; never changed in place. */
export interface Comment {
  readonly id: string;
  readonly issueId: string;
  readonly authorId: string;
  readonly updateAuthorId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly body: Adf;
  readonly visibility: Visibility | null;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** One changed field as changelogs write it. */
export interface ChangeItem {
  readonly field: string;
  readonly fieldtype: 'jira' | 'custom';
  /** Jira leaves it out for what is no field, and for the parent. */
  readonly fieldId?: string;
  readonly from: string | null;
  readonly fromString: string | null;
  readonly to: string | null;
  readonly toString: string | null;
}

/** One entry of an issue's changelog. */
export interface History {
  readonly id: string;
  readonly authorId: string;
  readonly createdAt: number;
  readonly items: readonly ChangeItem[];
}

/** An issue with its past. `past` holds the versions that the search index may still show, oldest first. */
export interface IssueRecord {
  issue: Issue;
  readonly past: { readonly issue: Issue | null; readonly replacedAt: number }[];
  readonly histories: History[];
  readonly commentIds: string[];
  readonly worklogIds: string[];
  readonly attachmentIds: string[];
  readonly linkIds: string[];
  readonly remoteLinkIds: string[];
  /** Account ids, in the order in which they came. */
  readonly watcherIds: string[];
  readonly voterIds: string[];
}

/** A property that the add-on's descriptor asks Jira to index. */
export interface IndexedProperty {
  readonly propertyKey: string;
  readonly path: string;
  readonly type: 'number' | 'text' | 'string' | 'user' | 'date';
}

/** Something that happened and that webhooks may tell. */
export interface Happening {
  readonly event:
    | 'jira:issue_created'
    | 'jira:issue_updated'
    | 'jira:issue_deleted'
    | 'comment_created'
    | 'comment_updated'
    | 'comment_deleted'
    | 'issue_property_set'
    | 'issue_property_deleted'
    | 'worklog_created'
    | 'worklog_updated'
    | 'worklog_deleted'
    | 'attachment_created'
    | 'attachment_deleted'
    | 'issuelink_created'
    | 'issuelink_deleted';
  readonly at: number;
  readonly actorId: string;
  readonly flow: 'Primary' | 'Secondary';
  readonly issue: Issue;
  readonly eventTypeName?: string;
  readonly history?: History;
  readonly comment?: Comment;
  readonly property?: { readonly key: string; readonly value: unknown };
  readonly worklog?: Worklog;
  readonly attachment?: Attachment;
  readonly link?: IssueLink;
  /** The trace header of the request that caused it. */
  readonly trace?: string;
}

/** The add-on on one site, as Jira remembers it. */
export interface Installation {
  readonly state: 'installed' | 'enabled' | 'disabled' | 'uninstalled';
  readonly appKey: string;
  readonly appName: string;
  readonly sharedSecret: string;
  readonly scopes: readonly string[];
  readonly webhooks: readonly WebhookModule[];
}

/** The licence of the add-on on one site. */
export interface SiteLicence {
  readonly active: boolean;
  readonly type: string;
  readonly evaluation: boolean;
  readonly supportEntitlementNumber: string | null;
}

export interface SiteContact {
  readonly name: string;
  readonly email: string;
}

/** One entry of the descriptor's `modules.webhooks`. */
export interface WebhookModule {
  readonly event: string;
  readonly url: string;
  readonly filter?: string | undefined;
  readonly excludeBody?: boolean | undefined;
  readonly propertyKeys?: readonly string[] | undefined;
}

/** One Jira site. */
export interface Site {
  readonly name: string;
  readonly baseUrl: string;
  readonly clientKey: string;
  readonly cloudId: string;
  readonly members: Map<string, Member>;
  readonly statuses: readonly Status[];
  readonly priorities: readonly Named[];
  readonly issueTypes: readonly IssueType[];
  readonly resolutions: readonly Named[];
  /** An entry is replaced when an option is disabled. */
  readonly fields: Field[];
  readonly workingTime: WorkingTime;
  /** How many of its comments an issue shows among its fields, the eldest first; absent: all. */
  readonly commentsAlong?: number;
  readonly boards: Map<string, Board>;
  readonly sprints: Map<string, Sprint>;
  readonly projects: Map<string, Project>;
  readonly issues: Map<string, IssueRecord>;
  readonly idByKey: Map<string, string>;
  /** Ids of children by id of their parent. */
  readonly children: Map<string, readonly string[]>;
  readonly comments: Map<string, Comment>;
  readonly worklogs: Map<string, Worklog>;
  /** Oldest first. */
  readonly goneWorklogs: GoneWorklog[];
  readonly attachments: Map<string, Attachment>;
  attachmentSettings: AttachmentSettings;
  readonly links: Map<string, IssueLink>;
  readonly linkTypes: readonly LinkType[];
  readonly remoteLinks: Map<string, RemoteLink>;
  readonly counters: Map<string, number>;
  readonly indexed: IndexedProperty[];
  installation: Installation | null;
  /** Of our app on this site; null: the site says nothing of one. */
  licence: SiteLicence | null;
  /** Whom the site names as its contacts. */
  contacts: readonly SiteContact[];
  /** Drained by the server after every call; bounded by what one call can cause. */
  readonly happenings: Happening[];
}

/** All sites and the people on them. */
export interface World {
  readonly people: Map<string, Person>;
  readonly sites: Map<string, Site>;
  /** Shared with the fault switches, hence mutable. */
  readonly denials: Denial[];
  readonly indexLagMs: number;
  /** Accounts that were closed or changed at Atlassian, and when. */
  readonly accountChanges: Map<string, { readonly status: 'closed' | 'updated'; readonly at: number }>;
  /** When apps lately reported each account. */
  readonly reports: Map<string, readonly number[]>;
  /** How often an app is to report each. */
  cycleDays: number;
}

/** Who acts, where and when: what every rule of the model needs. */
export interface Act {
  readonly world: World;
  readonly site: Site;
  readonly actor: Person;
  /** Epoch ms. */
  readonly now: number;
  readonly trace?: string | undefined;
}
