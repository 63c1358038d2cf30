import { tenantId } from '../../../shared/model/ids.ts';
import type { ScriptAsk } from '../../../shared/model/script.ts';

export const one = tenantId('t-00000001');
export const other = tenantId('t-00000002');

/** An outgoing run of tenant `one` over a small issue. */
export function ask(source: string, over: Partial<ScriptAsk> = {}): ScriptAsk {
  return {
    tenant: one,
    source,
    entry: 'outgoing',
    replica: { summary: 'Printer on fire', labels: ['b', 'a'] },
    issue: { key: 'PAY-1', projectKey: 'PAY', fields: { labels: ['b', 'a'] } },
    ...over,
  };
}

/** An `outgoing` with this body. */
export const outgoing = (body: string): string => `function outgoing(issue, replica) {\n${body}\n}`;
