/** A checker of scripts that finds what it was told to find: nothing, unless a test says so. The real one has suites of its own. */
import type { ScriptCheck } from '../../shared/model/script.ts';
import type { Script } from '../../shared/ports.ts';
import { Fault } from '../../shared/verdict.ts';

/** Makes one. `found` is asked with each check. */
export function quietScript(found: () => ScriptCheck = () => ({ code: 'done', problems: [] })): Script {
  return {
    check: async () => found(),
    run: async () => {
      throw new Fault('bug', { why: 'nothing here runs a script' });
    },
  };
}
