/** What we tell Jira about ourselves. Pure. @see ATLASSIAN.md §2 */

export interface DescriptorSettings {
  /** No slash at the end. */
  readonly baseUrl: string;
  readonly addonKey: string;
}

/**
 * The changes that are worth a call. The rest of Jira's events is either part of these (a link or a worklog does not
 * travel) or found by the reconcile job.
 */
const webhookEvents = [
  'jira:issue_created',
  'jira:issue_updated',
  'jira:issue_deleted',
  'comment_created',
  'comment_updated',
  'comment_deleted',
] as const;

/**
 * The Connect descriptor. Its scopes are what the client calls: READ and WRITE for issues, comments, properties and
 * `permissions/check`; DELETE for comments that the sync made. Not ADMIN: nothing administers a site, and asking whether
 * somebody is an admin needs READ. Not ACT_AS_USER: the sync writes under its own name.
 */
export function descriptorOf({ baseUrl, addonKey }: DescriptorSettings) {
  return {
    key: addonKey,
    name: 'Twinline',
    description: 'Keeps Jira issues of two parties in step, and forgets them on time.',
    vendor: { name: 'Twinline', url: baseUrl },
    links: { self: `${baseUrl}/atlassian-connect.json`, homepage: baseUrl },
    baseUrl,
    authentication: { type: 'jwt' },
    apiVersion: 1,
    enableLicensing: true,
    // All three are permanent opt-ins: account ids only, signed installs, and context tokens that say so.
    apiMigrations: { gdpr: true, 'signed-install': true, 'context-qsh': true },
    scopes: ['READ', 'WRITE', 'DELETE'],
    lifecycle: {
      installed: '/lifecycle/installed',
      uninstalled: '/lifecycle/uninstalled',
      enabled: '/lifecycle/enabled',
      disabled: '/lifecycle/disabled',
    },
    modules: {
      // The body of a change is not needed: changes are hints, and the issue is read afresh. But without it, a comment
      // event would not name its issue.
      webhooks: webhookEvents.map((event) => ({ event, url: '/webhook/jira' })),
      // The marker that every created issue carries, so that JQL finds it before it is created twice.
      jiraEntityProperties: [
        {
          key: 'twinline-marker',
          name: { value: 'Twinline marker' },
          entityType: 'issue',
          keyConfigurations: [
            {
              propertyKey: 'twinline',
              extractions: [{ objectName: 'twin', type: 'string', alias: 'twinlineTwin' }],
            },
          ],
        },
      ],
    },
  };
}
