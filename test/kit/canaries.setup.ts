/** Around every test of every suite: whoever lets a canary out has failed, whatever else it showed. @see canaryWatch.ts */
import { afterAll, afterEach } from 'vitest';
import { forgetTyped } from './canaries.ts';
import { look, takeSightings, watch } from './canaryWatch.ts';

globalThis.twinlineWatch = watch;

for (const name of ['debug', 'error', 'info', 'log', 'warn'] as const) {
  const say = console[name].bind(console);
  console[name] = (...given: unknown[]) => {
    for (const one of given) look('output', `console.${name}`, one instanceof Error ? `${one.stack}` : one);
    say(...given);
  };
}

for (const name of ['stdout', 'stderr'] as const) {
  const stream = process[name];
  const write = stream.write.bind(stream) as (...given: readonly unknown[]) => boolean;
  stream.write = (...given: unknown[]): boolean => {
    look('output', name, given[0]);
    return write(...given);
  };
}

/** Tells where which kind was seen, each once; never the text. */
function demandNone(): void {
  const seen = new Set(takeSightings().map(({ sink, place, kind }) => `${kind} in ${sink} (${place})`));
  if (seen.size > 0) throw new Error(`canaries were seen: ${[...seen].join(', ')}`);
}

afterEach(demandNone);
afterAll(() => {
  demandNone();
  forgetTyped();
});
