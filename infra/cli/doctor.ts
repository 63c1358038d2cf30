/**
 * `npm run doctor`: what this computer has for Twinline, what is missing and how to get it. Changes nothing.
 * Exit code 0: `npm start` works, perhaps with the memory ports. 1: it does not.
 */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import './guard.ts';
import { findEmulators } from '../local/emulators.ts';

/** One look at one thing. */
export interface Finding {
  readonly what: string;
  readonly isThere: boolean;
  /** Where it is, or what works without it. */
  readonly says: string;
  /** How to get it, when it is missing. */
  readonly howTo?: string;
  /** Nothing works without it. */
  readonly isNeeded: boolean;
}

const root = resolve(import.meta.dirname, '../..');
/** The front door of `npm start`. */
const FRONT_DOOR_PORT = 8080;
const browsers = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Looks at everything, in the order in which it is needed. */
export async function examine(): Promise<readonly Finding[]> {
  return [
    lookAtNode(),
    lookAtPackages(),
    await lookAtPort(FRONT_DOOR_PORT),
    lookAtEmulators(),
    lookAtBrowser(),
    lookAtSshd(),
  ];
}

function lookAtNode(): Finding {
  // The guard has let it pass.
  return { what: 'Node', isThere: true, says: process.versions.node, isNeeded: true };
}

function lookAtPackages(): Finding {
  const isThere = existsSync(join(root, 'node_modules', 'zod')) && existsSync(join(root, 'node_modules', 'preact'));
  return { what: 'packages', isThere, says: isThere ? 'installed' : 'not installed', howTo: 'npm ci', isNeeded: true };
}

async function lookAtPort(port: number): Promise<Finding> {
  const isThere = await isFree(port);
  return {
    what: `port ${port}`,
    isThere,
    says: isThere ? 'free' : 'in use, perhaps by a stack that runs already',
    howTo: 'stop what listens there, or start with npm start -- --port N',
    isNeeded: false,
  };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}

function lookAtEmulators(): Finding {
  const found = findEmulators();
  const what = 'emulators';
  if ('missing' in found) {
    const says = `no ${found.missing}: npm start uses the memory ports, and the emulator tests are left out`;
    return { what, isThere: false, says, howTo: found.howTo, isNeeded: false };
  }
  return { what, isThere: true, says: `${found.firestoreJar}, ${found.pubsubJar}`, isNeeded: false };
}

function lookAtBrowser(): Finding {
  const path = browsers.find((candidate) => existsSync(candidate));
  return {
    what: 'Chromium',
    isThere: path !== undefined,
    says: path ?? 'missing: the tests of pages are left out',
    howTo: 'for example: apt-get install chromium',
    isNeeded: false,
  };
}

/** Where OpenSSH's server is on Linux and macOS. */
const servers = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'];

function lookAtSshd(): Finding {
  const path = servers.find((candidate) => existsSync(candidate));
  return {
    what: 'OpenSSH server',
    isThere: path !== undefined,
    says: path ?? 'missing: backups are tested without a real SFTP server, and the restore drill is left out',
    howTo: 'for example: apt-get install openssh-server',
    isNeeded: false,
  };
}

function lineOf({ what, isThere, says, howTo }: Finding): string {
  return `${isThere ? 'ok     ' : 'missing'}  ${what.padEnd(20)} ${says}${isThere || howTo === undefined ? '' : `\n         get it: ${howTo}`}`;
}

if (import.meta.main) {
  const findings = await examine();
  for (const finding of findings) console.log(lineOf(finding));
  process.exitCode = findings.some(({ isThere, isNeeded }) => isNeeded && !isThere) ? 1 : 0;
}
