/** Why a field was changed: the last decision about it, decided again. */
import { connectionKey, ownerOf, twinId } from '../../shared/model/ids.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { policyIn, replayed } from '../../shared/sync/explain.ts';
import { inputOf } from '../../shared/sync/snapshot.ts';
import type { Snapshot } from '../../shared/sync/snapshot.ts';
import { Fault } from '../../shared/verdict.ts';
import { explainQuery, parseAs } from '../../shared/wire/console.ts';
import type { ExplainView } from '../../shared/wire/console.ts';
import { idSchema } from '../../shared/wire/message.ts';
import { contextOf, parseDecision } from '../../shared/wire/stored.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer } from './ask.ts';
import type { Ask } from './ask.ts';
import { connectionOf, findHalf } from './halves.ts';

/**
 * GET …/twins/{twin}/explain?field=…: what asked for the last change of the field, what was decided from which values (hashes, no
 * content), and whether deciding it again gives the same steps byte for byte. @throws Fault `not-found`
 */
export async function explainField(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const agreed = await connectionOf(ask, own);
  if (agreed === undefined) throw new Fault('not-found');
  const twin = parseAs(idSchema(twinId), ask.request.params['twin']);
  const { field } = parseAs(explainQuery, Object.fromEntries(ask.request.query));
  const place = { connection: own.connection, twin };
  const row = (await ask.ports.store.read('twin', place))?.row;
  const id = row?.decided?.[field]?.in;
  if (row === undefined || id === undefined) throw new Fault('not-found');
  const decision = (await ask.ports.store.read('decision', { ...place, decision: id }))?.row;
  const told = decision?.rows.find(({ lane }) => lane === field);
  // Copies and decisions go 30 days after a mark; the twin stays longer.
  if (decision === undefined || told === undefined) throw new Fault('not-found');
  const { input, steps } = await openDecision(ask, agreed, { ...place, id, content: decision.content });
  const body: ExplainView = {
    twin,
    field,
    at: decision.at,
    ...(decision.eventAt === undefined ? {} : { eventAt: decision.eventAt }),
    rules: { a: decision.rulesA, b: decision.rulesB },
    why: told.why,
    to: told.to,
    policy: policyIn(input, field) ?? 'none',
    base: sides(told.baseA, told.baseB),
    now: sides(told.nowA, told.nowB),
    isSame: replayed(input) === steps,
    stepBytes: Buffer.byteLength(steps),
  };
  return answer(body);
}

function sides(a: string | undefined, b: string | undefined): { a?: string; b?: string } {
  return { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
}

interface Sealed {
  readonly connection: RecordOf<'twin'>['connection'];
  readonly twin: RecordOf<'twin'>['twin'];
  readonly id: string;
  readonly content: RecordOf<'decision'>['content'];
}

async function openDecision(ask: Ask, { a, b }: RecordOf<'connection'>, { connection, twin, id, content }: Sealed) {
  const key = connectionKey(connection, ownerOf(a.tenant, a.generation), ownerOf(b.tenant, b.generation));
  const opened = parseDecision(
    await ask.ports.keys.open(key, contextOf('decision.content', connection, twin, id), content),
  );
  return { input: inputOf(opened.input as unknown as Snapshot), steps: opened.steps };
}
