/**
 * `npm run replay`: payloads and issues of others through the running system, with a verdict for each.
 *
 *   --webhooks DIR             every JSON body found under DIR, signed and posted to the webhook function
 *   --issues FILE|DIR [--limit N]  dumps of issues into one site, synced to the other, compared, on a virtual clock
 *   --stack                    the same over sockets and in real time, with the rules that a connection starts with
 *   --json                     the last line of output is one JSON object, and nothing else is told
 *   --memory                   the stack on the memory ports
 *
 * Webhooks and `--stack` start and stop a stack of their own. Exit code 1 on any 5xx, crash, poison message, missing issue or unexplained difference.
 */
import '../cli/guard.ts';
import { existsSync } from 'node:fs';
import { optionsOf, refuse, wholeNumber } from '../cli/options.ts';
import { replayInside } from './replayInside.ts';
import { replayIssues } from './replayIssues.ts';
import { replayWebhooks } from './replayWebhooks.ts';
import { startStack } from './stack.ts';

const { values } = optionsOf({
  options: {
    webhooks: { type: 'string' },
    issues: { type: 'string' },
    limit: { type: 'string' },
    json: { type: 'boolean', default: false },
    memory: { type: 'boolean', default: false },
    stack: { type: 'boolean', default: false },
  },
});

if ((values.webhooks === undefined) === (values.issues === undefined)) {
  refuse('Say what to replay: either --webhooks DIR or --issues FILE.jsonl.gz|FOLDER [--limit N] [--stack].');
}

const limit = values.limit === undefined ? {} : { limit: wholeNumber('limit', values.limit) };
const source = values.issues ?? values.webhooks ?? '';
if (!existsSync(source)) refuse(`There is nothing at ${source}.`);
if (values.issues !== undefined && !values.stack) {
  const tell = (line: string): void => {
    if (!values.json) console.log(line);
  };
  const { ok, summary } = await replayInside({ path: values.issues, ...limit, tell });
  console.log(JSON.stringify(summary));
  process.exit(ok ? 0 : 1);
}

const stack = await startStack({ port: 0, backend: values.memory ? 'memory' : 'emulators' });
let isFine = false;
try {
  const result =
    values.webhooks === undefined
      ? await replayIssues(stack, {
          file: values.issues ?? '',
          ...limit,
        })
      : await replayWebhooks(stack, values.webhooks);
  isFine = result.ok;
  if (!values.json) for (const line of result.lines) console.log(line);
  console.log(JSON.stringify(result.summary));
} catch (thrown) {
  const problem = thrown instanceof Error ? thrown.message : 'the replay broke off';
  console.error(problem);
  console.log(JSON.stringify({ ok: false, problem }));
} finally {
  await stack.stop();
}
process.exit(isFine ? 0 : 1);
