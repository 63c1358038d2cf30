/** `npm start`: the whole product on this computer, until Ctrl-C. */
import '../cli/guard.ts';
import { optionsOf, wholeNumber } from '../cli/options.ts';
import { connectSites, createSampleIssues } from './opening.ts';
import { startStack } from './stack.ts';

/** The page's address is part of the README. */
const PORT = 8080;

const { values } = optionsOf({
  options: { persist: { type: 'string' }, port: { type: 'string' }, memory: { type: 'boolean', default: false } },
});

const startedAt = Date.now();
const stack = await startStack({
  port: values.port === undefined ? PORT : wholeNumber('port', values.port, 0),
  backend: values.memory ? 'memory' : 'emulators',
  ...(values.persist === undefined ? {} : { persist: values.persist }),
});

let isStopping = false;
const stop = (): void => {
  if (isStopping) return;
  isStopping = true;
  console.log('\nstopping …');
  void stack.stop().then(() => process.exit(0));
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);

if (!stack.isInstalled('alpha')) {
  for (const site of stack.sites) await stack.install(site.name);
  await connectSites(stack);
  await createSampleIssues(stack, 10);
}

console.log(
  `\nTwinline runs on ${stack.backend === 'emulators' ? 'the emulators' : 'the memory ports'} (${stack.why}).`,
);
for (const { name, url } of stack.addresses) console.log(`  ${name.padEnd(24)} ${url}`);
console.log(
  `\nOpen ${stack.address}/ — ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s. Ctrl-C stops everything.`,
);
