/**
 * Import this first in a program that people start: it ends with one clear line under a Node that the project is not
 * made for. (Below Node 22 nothing of ours can say so, because such a Node does not read TypeScript files at all;
 * `npm run` takes the project's own Node.)
 */
const MAJOR = '24';

if (process.versions.node.split('.')[0] !== MAJOR) {
  console.error(`Twinline needs Node ${MAJOR} and this is ${process.versions.node}. Use npm run, or see .nvmrc.`);
  process.exit(2);
}

export {};
