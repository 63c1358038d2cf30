/** The command line as a person types it, against a server on loopback that lasts as long as a test. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';
import { main } from '../../infra/cli/twinline.ts';

/** What the server is asked: `text` is the whole body. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly text: string;
}

/** What it answers. */
export interface Answered {
  readonly status: number;
  readonly text: string;
}

type Answer = (asked: Asked) => Promise<Answered>;

/** One server, and the calls that are typed against it. */
export interface CommandLine {
  /** Runs one call; answers the exit code and all that was printed. */
  readonly run: (...typed: string[]) => Promise<{ readonly exit: number; readonly out: string }>;
  /** Ends the server; what is typed then finds nobody. */
  readonly close: () => void;
}

/** Opens it. */
export async function commandLine(answer: Answer): Promise<CommandLine> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
      const { method = '', url = '/', headers } = request;
      const asked = { method, url, authorization: headers.authorization, text: Buffer.concat(chunks).toString() };
      const { status, text } = await answer(asked);
      response.writeHead(status).end(text);
    })();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    run: async (...typed) => {
      const lines: string[] = [];
      const keep = (line: unknown): void => void lines.push(String(line));
      vi.spyOn(console, 'log').mockImplementation(keep);
      vi.spyOn(console, 'error').mockImplementation(keep);
      const exit = await main([...typed, '--url', `http://127.0.0.1:${port}`]);
      return { exit, out: lines.join('\n') };
    },
    close: () => {
      vi.restoreAllMocks();
      server.close();
    },
  };
}
