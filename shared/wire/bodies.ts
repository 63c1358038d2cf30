/** Every body that the console's API reads: whose names of members are ours, and may be told where a text of it is refused. */
import type { z } from 'zod';
import {
  acceptBody,
  contactBody,
  deletionConfirmBody,
  inviteBody,
  jobBody,
  syncBody,
  triggersBody,
  unlinkBody,
} from './console.ts';
import { periodsBody, restoredBody, runBody } from './drift.ts';
import { resolveBody, retryBody } from './inbox.ts';
import { requestBody as personBody } from './people.ts';
import { reportPreviewBody, reportSendBody } from './report.ts';
import { editBody, postedRules, previewBody, publishBody, requestBody } from './rules.ts';

export const consoleBodies: readonly z.ZodType[] = [
  ...[inviteBody, acceptBody, syncBody, triggersBody, jobBody, unlinkBody, contactBody, deletionConfirmBody],
  ...[runBody, periodsBody, restoredBody, resolveBody, retryBody, personBody, reportPreviewBody, reportSendBody],
  ...[editBody, postedRules, previewBody, publishBody, requestBody],
];
