/** The help page of one code, for anybody: plain HTML that holds nothing but our own texts. */
import { helpPage } from '../../shared/evidence/codeHelp.ts';
import { Fault, isCode, verdict } from '../../shared/verdict.ts';
import type { EdgeAnswer, EdgeRequest } from '../edge.ts';

/** GET /help/{code}. @throws Fault `not-found` */
export async function showHelp({ params }: EdgeRequest): Promise<EdgeAnswer> {
  const { code = '' } = params;
  if (!isCode(code)) throw new Fault('not-found');
  return { verdict: verdict('done'), body: helpPage(code), contentType: 'text/html; charset=utf-8' };
}
