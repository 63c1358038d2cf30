import { channel } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, test } from 'vitest';
import { createHttp } from '../../shared/http.ts';
import { processors } from '../../shared/retention/processors.ts';

const PUBLIC = 'https://acme.atlassian.net';
let server: Server;
let origin: string;
const seen: string[] = [];
const connects: unknown[] = [];
const count = (message: unknown): void => void connects.push(message);

beforeAll(async () => {
  channel('undici:client:beforeConnect').subscribe(count);
  server = createServer((request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (request.url === '/away') response.writeHead(303, { location: 'https://evil.example/' }).end();
    else if (request.url === '/json') response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":[1]}');
    else if (request.url === '/lie') response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":');
    else if (request.url === '/none') response.writeHead(204).end();
    else if (request.url === '/big') response.writeHead(200).end('x'.repeat(5_000));
    else if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': '100' });
      response.write('x');
      setImmediate(() => response.destroy());
    } else if (request.url !== '/slow') {
      request.setEncoding('utf8');
      let body = '';
      request.on('data', (text: string) => (body += text));
      request.on('end', () => response.writeHead(200).end(`${request.headers['content-type'] ?? '-'} ${body}`));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  channel('undici:client:beforeConnect').unsubscribe(count);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const door = () => createHttp({ register: processors, localHosts: { [PUBLIC]: origin } });

/** Addresses that somebody could put where a site's address is expected. @see THREATS.md §4 */
const hostile = [
  // Services of the cloud and of this computer, in every notation.
  'http://169.254.169.254/computeMetadata/v1/',
  'https://169.254.169.254/',
  'https://metadata.google.internal/computeMetadata/v1/',
  'https://metadata/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://0xa9.0xfe.0xa9.0xfe/',
  'https://0251.0376.0251.0376/',
  'https://169.254.43518/',
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://017700000001/',
  'https://0/',
  'https://0.0.0.0/',
  'https://localhost/',
  'https://localhost.localdomain/',
  'https://10.0.0.1/',
  'https://192.168.0.1/',
  'https://172.16.0.1/',
  'https://100.64.0.1/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[fd00:ec2::254]/',
  'https://[fe80::1%25eth0]/',
  'https://①②⑦.⓪.⓪.①/',
  'https://127.0.0.1.nip.io/',
  'https://acme.atlassian.net.127.0.0.1.nip.io/',
  // Other schemes.
  'http://acme.atlassian.net/',
  'ftp://acme.atlassian.net/',
  'file:///etc/passwd',
  'gopher://acme.atlassian.net/',
  'data:text/plain,x',
  'javascript:alert(1)',
  'blob:https://acme.atlassian.net/x',
  'ws://acme.atlassian.net/',
  '//acme.atlassian.net/',
  'HTTPS://acme.atlassian.net/',
  'https:acme.atlassian.net/',
  'https:/acme.atlassian.net/',
  'https:///acme.atlassian.net/',
  // Look-alikes of a registered host.
  'https://atlassian.net/',
  'https://.atlassian.net/',
  'https://a.b.atlassian.net/',
  'https://atlassian.net.evil.com/',
  'https://acme.atlassian.net.evil.com/',
  'https://evilatlassian.net/',
  'https://acme-atlassian.net/',
  'https://acme.atlassian.network/',
  'https://acme.atlassian.net./',
  'https://acme..atlassian.net/',
  'https://acme。atlassian。net/',
  'https://\uff41cme.atlassian.net/',
  'https://acmé.atlassian.net/',
  'https://acme.аtlassian.net/',
  'https://xn--.atlassian.net.evil/',
  'https://-acme.atlassian.net/',
  'https://acme-.atlassian.net/',
  'https://ac_me.atlassian.net/',
  'https://ACME.atlassian.net/',
  'https://acme%2eatlassian.net/',
  'https://evil.com%2f.atlassian.net/',
  'https://evil.com%00.atlassian.net/',
  `https://${'a'.repeat(64)}.atlassian.net/`,
  // Userinfo, ports, and signs that parsers see differently.
  'https://acme.atlassian.net@evil.com/',
  'https://evil.com@acme.atlassian.net/',
  'https://user:pass@acme.atlassian.net/',
  'https://acme.atlassian.net:443/',
  'https://acme.atlassian.net:8443/',
  'https://acme.atlassian.net:80@evil.com/',
  'https://evil.com\\@acme.atlassian.net/',
  'https://acme.atlassian.net\\.evil.com/',
  'https://evil.com#.atlassian.net/',
  'https://evil.com/.atlassian.net/',
  'https://evil.com?.atlassian.net/',
  'https://acme.atlassian.net/#x',
  ' https://acme.atlassian.net/',
  'https://acme.atlassian.net/ x',
  'https://acme.\tatlassian.net/',
  'https://acme.atlassian.net/\r\nx-evil: 1',
  'https://acme.atlassian.net\n/',
  'https://\u202eacme.atlassian.net/',
  'https://acme.atlassian.net\u0000/',
  'https://',
  '',
  // On the register, but not for this door, and neighbours of it.
  'https://firestore.googleapis.com/v1/',
  'https://keys.connect-install-keys.atlassian.com/',
  'https://connect-install-keys.atlassian.com.evil.com/',
  'https://api.atlassian.com/',
  'https://evil.example/',
];

it('knows more than sixty hostile addresses', () => expect(new Set(hostile).size).toBeGreaterThan(60));

test.each(hostile)('refuses %j and connects to nothing', async (url) => {
  connects.length = 0;
  const calls = [createHttp({ register: processors, localHosts: {} }), door()];
  for (const http of calls)
    await expect(http.send({ method: 'GET', url })).rejects.toMatchObject({ code: 'host-not-registered' });
  expect(connects).toHaveLength(0);
});

it('calls the listener that stands for a registered host, path and query as they were given', async () => {
  seen.length = 0;
  const answer = await door().send({ method: 'POST', url: `${PUBLIC}/rest/x%2Fy?jql=a%20%3D+1`, json: { b: 1 } });
  expect(answer).toMatchObject({ status: 200, body: 'application/json {"b":1}' });
  expect(seen).toEqual(['POST /rest/x%2Fy?jql=a%20%3D+1']);
});

it('connects where the counting hook can see it', async () => {
  connects.length = 0;
  await new Promise<void>((resolve) => {
    server.closeAllConnections();
    setImmediate(resolve);
  });
  await door().send({ method: 'GET', url: `${PUBLIC}/json` });
  expect(connects.length).toBeGreaterThan(0);
});

it('returns a redirect instead of following it', async () => {
  const answer = await door().send({ method: 'GET', url: `${PUBLIC}/away` });
  expect(answer.status).toBe(303);
  expect(answer.headers['location']).toBe('https://evil.example/');
});

test.each([
  ['/json', { a: [1] }],
  ['/lie', '{"a":'],
  ['/none', undefined],
])('reads the body of %s', async (path, body) => {
  expect((await door().send({ method: 'GET', url: PUBLIC + path })).body).toEqual(body);
});

it('keeps to its limits of size and time', async () => {
  const big = door().send({ method: 'GET', url: `${PUBLIC}/big`, maxBytes: 4_999 });
  await expect(big).rejects.toMatchObject({ code: 'outside-answer-odd' });
  expect((await door().send({ method: 'GET', url: `${PUBLIC}/big`, maxBytes: 5_000 })).status).toBe(200);
  const slow = door().send({ method: 'GET', url: `${PUBLIC}/slow`, deadlineMs: 50 });
  await expect(slow).rejects.toMatchObject({ code: 'outside-unavailable' });
  await expect(door().send({ method: 'GET', url: `${PUBLIC}/cut` })).rejects.toMatchObject({
    code: 'outside-unavailable',
  });
});

it('lets nothing leave a computer that stands in for the outside', async () => {
  connects.length = 0;
  const other = door().send({ method: 'GET', url: 'https://other.atlassian.net/' });
  await expect(other).rejects.toMatchObject({ code: 'outside-unavailable', facts: { reason: 'not-mapped' } });
  expect(connects).toHaveLength(0);
});

async function* pieces(count: number, bytes: number, pulled: { count: number }): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < count; n += 1) {
    pulled.count += 1;
    yield new Uint8Array(bytes).fill(97);
  }
}

it('sends a body as it comes, with its length, and refuses one that ends too early', async () => {
  const upload = (announced: number) =>
    door().send({
      method: 'POST',
      url: `${PUBLIC}/upload`,
      upload: { type: 'text/x-test', bytes: announced, chunks: pieces(3, 10, { count: 0 }) },
    });
  expect(await upload(30)).toMatchObject({ status: 200, body: `text/x-test ${'a'.repeat(30)}` });
  await expect(upload(31)).rejects.toMatchObject({ code: 'outside-unavailable' });
});

it('asks for no more of a body than it can send', async () => {
  const pulled = { count: 0 };
  const ask = door().send({
    method: 'POST',
    url: `${PUBLIC}/slow`,
    upload: { type: 'text/x-test', bytes: 1e9, chunks: pieces(1_000, 1e6, pulled) },
    deadlineMs: 300,
  });
  await expect(ask).rejects.toMatchObject({ code: 'outside-unavailable' });
  // What fits into the buffers of two sockets; the other 900 were never made.
  expect(pulled.count).toBeLessThan(100);
});

it('opens an answer of any size without reading it, and follows no redirect', async () => {
  const opened = await door().open({ method: 'GET', url: `${PUBLIC}/big` });
  let bytes = 0;
  for await (const chunk of opened.chunks) bytes += chunk.byteLength;
  expect([opened.status, bytes]).toEqual([200, 5_000]);
  const away = await door().open({ method: 'GET', url: `${PUBLIC}/away`, headers: { authorization: 'JWT secret' } });
  expect([away.status, away.headers['location']]).toEqual([303, 'https://evil.example/']);
});

it('tells when an opened answer breaks off', async () => {
  const { chunks } = await door().open({ method: 'GET', url: `${PUBLIC}/cut` });
  const read = async () => {
    for await (const chunk of chunks) expect(chunk.byteLength).toBe(1);
  };
  await expect(read()).rejects.toMatchObject({ code: 'outside-unavailable' });
});
