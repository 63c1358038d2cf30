/** The first acts of every play here: two sites connected through the console's API, and people who create issues. */
import { join } from 'node:path';
import { z } from 'zod';
import { readDump } from './jira/http/dumpFile.ts';
import type { DumpIssue } from './jira/model/dump.ts';
import type { Site, Stack } from './stack.ts';

/** Issues of our own writing, so that the project stands alone. */
export const SAMPLES = join(import.meta.dirname, 'samples', 'issues.jsonl');

const invitation = z.object({ connection: z.string(), code: z.string() });

/** A refusal of the console's API. */
export class ApiRefused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiRefused';
    this.status = status;
  }
}

/** Calls the console's API as an administrator of a site. @throws ApiRefused */
export async function asAdmin(
  stack: Stack,
  site: Site,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`${stack.address}/console/api${path}`, {
    method,
    headers: { authorization: `JWT ${stack.adminToken(site.name)}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new ApiRefused(response.status, `${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as unknown;
}

/** `alpha` invites, `beta` accepts. Answers the connection's id. */
export async function connectSites(stack: Stack): Promise<string> {
  const [alpha, beta] = [stack.site('alpha'), stack.site('beta')];
  const invited = invitation.parse(
    await asAdmin(stack, alpha, 'POST', '/invitations', { name: 'Work with beta', projectKey: alpha.project }),
  );
  await asAdmin(stack, beta, 'POST', '/invitations/accept', {
    code: invited.code,
    name: 'Work with alpha',
    projectKey: beta.project,
  });
  return invited.connection;
}

/** Reads a dump into memory. */
export async function readIssues(path: string, limit?: number): Promise<readonly DumpIssue[]> {
  return Array.fromAsync(readDump(path, limit));
}

/** Lets people on `alpha` create the first sample issues, comments included. */
export async function createSampleIssues(stack: Stack, limit?: number): Promise<readonly DumpIssue[]> {
  const issues = await readIssues(SAMPLES, limit);
  // The same company on both sites: whoever is named in an issue has an account on the other site, too.
  stack.jira.join('beta', issues);
  stack.jira.load('alpha', stack.site('alpha').project, issues, { announce: true });
  return issues;
}
