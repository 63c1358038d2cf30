import type { AccountReport, ReportAnswer } from '../model/people.ts';
import { parseReport, reportBody } from '../wire/reportAccounts.ts';
import { call } from './call.ts';
import type { Site } from './call.ts';

/**
 * Reports accounts through the site, as Connect apps do. An app on Forge posts the same to `api.atlassian.com/app/report-accounts/`; there
 * is no door for it yet.
 */
export async function reportAccounts(site: Site, accounts: readonly AccountReport[]): Promise<ReportAnswer> {
  const target = '/rest/atlassian-connect/latest/report-accounts';
  return parseReport(accounts, await call(site, { method: 'POST', target, body: reportBody(accounts) }));
}
