/** Ends waiting for the cloud. Its clients retry by themselves, some for minutes; a function has less. */
import { Fault } from '../verdict.ts';
import type { Code } from '../verdict.ts';

/**
 * The result of a call, if it comes in time. The call itself goes on and may still take effect.
 * @throws Fault with the given code after `ms`
 */
export async function inTime<T>(ms: number, code: Code, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Fault(code, { deadlineMs: ms }));
    }, ms);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
