/** A side's own rules: shown, checked, and stored as the next version. */
import { checkRules } from '../../shared/rules/check.ts';
import { Fault, meaningOf } from '../../shared/verdict.ts';
import { parseAs, rulesBody } from '../../shared/wire/console.ts';
import type { Failure, RulesView } from '../../shared/wire/console.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, fence } from './ask.ts';
import type { Ask } from './ask.ts';
import { findHalf, openRules, sealRules } from './halves.ts';
import type { OwnHalf, SealedRules } from './halves.ts';

/** Every version is kept until the purge; a program that posts without end is stopped here. */
const MAX_VERSIONS = 1_000;

/** The active document of the asker's direction. */
export async function showRules(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const body: RulesView = {
    connection: own.connection,
    side: own.row.side,
    document: await openRules(ask, own),
  };
  return answer(body);
}

/**
 * Checks a document, stores it as the next version and makes it the active one, all or nothing. Earlier versions stay.
 * @throws Fault `store-changed` when somebody else stored a version meanwhile
 */
export async function replaceRules(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const { version: basedOn = own.row.rulesVersion, ...posted } = parseAs(rulesBody, ask.request.body);
  if (own.row.state === 'ended') throw new Fault('state-refused', { state: 'ended' });
  if (own.row.rulesVersion >= MAX_VERSIONS) throw new Fault('too-many');
  const checked = checkRules(posted, basedOn + 1);
  if (!checked.ok) {
    const problems = checked.problems.map((problem) => ({ ...problem }));
    const code = 'body-invalid';
    return answer({ code, says: meaningOf(code).says, problems } satisfies Failure, code);
  }
  const { document } = checked;
  await activate(ask, own, { basedOn, rules: await sealRules(ask, own.half, document) });
  return answer({ connection: own.connection, side: own.row.side, document } satisfies RulesView);
}

async function activate(
  ask: Ask,
  own: OwnHalf,
  { basedOn, rules }: { readonly basedOn: number; readonly rules: SealedRules },
): Promise<void> {
  const place = { tenant: ask.tenant.tenant, half: own.half };
  await ask.ports.store.transact(async (transaction) => {
    await fence(transaction, ask.tenant);
    const half = await transaction.read('half', place);
    if (half?.row.rulesVersion !== basedOn) throw new Fault('store-changed');
    transaction.create('rules', rules.place, rules.row);
    transaction.put('half', place, { ...half.row, rulesVersion: rules.row.version });
  });
}
