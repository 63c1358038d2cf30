import type { ConsoleSettings } from '../../functions/console/http.ts';

/** What the console shows of a build of the tests. */
export const consoleSettings: ConsoleSettings = {
  commit: 'c0ffee',
  addonKey: 'app.twinline',
  deployment: 'cloud',
  liveDays: 120,
  mailKeys: [new Uint8Array(32).fill(9)],
  residency: 'be+zrh',
  parties: {},
  operator: { name: 'Twinline Ltd (test)', mail: 'help@twinline.example' },
};
