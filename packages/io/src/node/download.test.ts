import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataError } from '../data-error.ts';
import { sha256File } from './checksum.ts';
import type { DataFile, DataSet } from './data-sets.ts';
import { type DownloadProgress, downloadFile } from './download.ts';
import { fetchDataSet, listDataSets, verifyDataSet } from './find.ts';

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 255);
const sha256 = createHash('sha256').update(content).digest('hex');

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let folder = '';
let server: Server;
let base = '';
let handler: Handler;
let requests: { range: string | undefined; path: string | undefined }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proj-io-'));
  requests = [];
  server = createServer((request, response) => {
    requests.push({ range: request.headers.range, path: request.url });
    handler(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await rm(folder, { recursive: true, force: true });
});

const whole: Handler = (_, response) => {
  response.writeHead(200, { 'content-length': content.length }).end(content);
};

/** Serves ranges, and drops the line after `most` bytes. */
const ranges =
  (most = Number.POSITIVE_INFINITY): Handler =>
  (request, response) => {
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = content.subarray(start);
    const headers = { 'content-length': rest.length, 'content-range': `bytes ${start}-${content.length - 1}/*` };
    response.writeHead(request.headers.range ? 206 : 200, headers);
    if (rest.length <= most) response.end(rest);
    else response.write(rest.subarray(0, most), () => setTimeout(() => response.destroy(), 20));
  };

const file = (changes: Partial<DataFile> = {}): DataFile => ({
  name: 'data.bin',
  bytes: content.length,
  sha256,
  urls: [`${base}/data.bin`],
  ...changes,
});

const target = () => join(folder, 'cache', 'data.bin');
const there = async () => (await readdir(join(folder, 'cache'))).sort();

async function failure(act: Promise<unknown>): Promise<string> {
  const error = await act.then(
    () => new Error('nothing was thrown'),
    (fault: unknown) => fault,
  );
  expect(error).toBeInstanceOf(DataError);
  expect((error as Error).message).not.toContain('\n');
  return (error as Error).message;
}

it('downloads, reports progress, leaves the file alone', async () => {
  handler = whole;
  const seen: DownloadProgress[] = [];
  await downloadFile(file(), target(), { onProgress: (progress) => seen.push(progress) });
  expect(await sha256File(target())).toBe(sha256);
  expect(await there()).toEqual(['data.bin']);
  expect(seen[0]).toEqual({ file: 'data.bin', url: `${base}/data.bin`, received: 0, total: 300_000 });
  expect(seen.at(-1)!.received).toBe(300_000);
  expect(seen.map(({ received }) => received)).toEqual(seen.map(({ received }) => received).sort((a, b) => a - b));
});

it('goes on where the line broke', async () => {
  handler = ranges(120_000);
  await downloadFile(file(), target());
  expect(await sha256File(target())).toBe(sha256);
  expect(requests.map(({ range }) => range)).toEqual([undefined, 'bytes=120000-', 'bytes=240000-']);
});

it('goes on from the part of an earlier run, and reports it', async () => {
  handler = ranges(50_000);
  const message = await failure(downloadFile(file(), target()));
  expect(message).toMatch(/data\.bin could not be downloaded from http\S+ \(cut off after 150,000 bytes/);
  expect(await there()).toEqual(['data.bin.part']);
  handler = ranges();
  requests = [];
  const seen: number[] = [];
  await downloadFile(file(), target(), { onProgress: ({ received }) => seen.push(received) });
  expect(requests.map(({ range }) => range)).toEqual(['bytes=150000-']);
  expect(seen[0]).toBe(150_000);
  expect(await sha256File(target())).toBe(sha256);
});

it('starts anew when the server ignores Range', async () => {
  handler = ranges(100_000);
  let first = true;
  const drop = handler;
  handler = (request, response) => {
    if (first) drop(request, response);
    else whole(request, response);
    first = false;
  };
  await downloadFile(file(), target());
  expect(requests.map(({ range }) => range)).toEqual([undefined, 'bytes=100000-']);
  expect(await sha256File(target())).toBe(sha256);
});

it('asks for the whole when the server refuses the range', async () => {
  const partial = file({ bytes: undefined });
  await failure(downloadFile({ ...partial, urls: [] }, target()));
  await writeFile(`${target()}.part`, content.subarray(0, 10));
  handler = (request, response) => {
    if (request.headers.range) response.writeHead(416).end();
    else whole(request, response);
  };
  await downloadFile(partial, target());
  expect(await sha256File(target())).toBe(sha256);
});

it('a part that was damaged is fetched anew', async () => {
  handler = ranges();
  await failure(downloadFile(file({ urls: [] }), target()));
  await writeFile(`${target()}.part`, new Uint8Array(1000).fill(255));
  await downloadFile(file(), target());
  expect(await sha256File(target())).toBe(sha256);
  expect(requests.map(({ range }) => range)).toEqual(['bytes=1000-', undefined]);
});

it('tries the next address', async () => {
  handler = (request, response) => {
    if (request.url === '/gone') response.writeHead(404).end('no');
    else whole(request, response);
  };
  await downloadFile(file({ urls: [`${base}/gone`, `${base}/data.bin`] }), target());
  expect(requests.map(({ path }) => path)).toEqual(['/gone', '/data.bin']);
});

describe('says in one line what is wrong', () => {
  it('a wrong checksum: both are named, the part is gone', async () => {
    handler = whole;
    const wrong = '0'.repeat(64);
    const message = await failure(downloadFile(file({ sha256: wrong }), target()));
    expect(message).toContain(`expected SHA-256 ${wrong}, got ${sha256}; it was removed`);
    expect(await there()).toEqual([]);
  });

  it('a wrong MD5', async () => {
    handler = whole;
    const md5 = createHash('md5').update(content).digest('hex');
    await downloadFile(file({ sha256: undefined, md5 }), target());
    const other = file({ sha256: undefined, md5: 'f'.repeat(32) });
    const message = await failure(downloadFile(other, join(folder, 'cache', 'other')));
    expect(message).toContain(`expected MD5 ${'f'.repeat(32)}, got ${md5}`);
  });

  it('404', async () => {
    handler = (_, response) => response.writeHead(404).end('no such thing');
    const message = await failure(downloadFile(file(), target()));
    expect(message).toBe(`data.bin could not be downloaded from ${base}/data.bin (HTTP 404 Not Found)`);
    expect(await there()).toEqual([]);
  });

  it('a login page instead of the file', async () => {
    handler = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>');
    const page = '<html>Log in</html>'.length;
    const message = await failure(downloadFile(file({ bytes: 300_000 }), target()));
    expect(message).toMatch(new RegExp(`expected 300,000 bytes, the server has ${page}|cut off after ${page}`));
    handler = (_, response) => response.writeHead(200, { 'content-length': page }).end('<html>Log in</html>');
    expect(await failure(downloadFile(file(), target()))).toContain('expected 300,000 bytes, the server has 19');
  });

  it('a server that sends without end', async () => {
    handler = (_, response) => {
      response.writeHead(200);
      const more = () => response.write(content, () => setImmediate(more));
      more();
    };
    const message = await failure(downloadFile(file(), target()));
    expect(message).toContain('expected 300,000 bytes, the server sent more');
    expect(await there()).toEqual([]);
  });

  it('no server', async () => {
    const dead = 'http://127.0.0.1:9/data.bin';
    const message = await failure(downloadFile(file({ urls: [dead, `${dead}2`] }), target()));
    expect(message).toMatch(
      /from http:\/\/127\.0\.0\.1:9\/data\.bin \(.*\), nor from http:\/\/127\.0\.0\.1:9\/data\.bin2 \(/,
    );
  });

  it('a server that falls silent', async () => {
    handler = (_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1000));
    };
    const message = await failure(downloadFile(file(), target(), { stallAfter: 50 }));
    expect(message).toContain('no byte for 0.05 s');
  });
});

it('stops when told to, and keeps what has arrived', async () => {
  handler = (_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 70_000));
  };
  const stop = new AbortController();
  const onProgress = ({ received }: DownloadProgress) => {
    if (received === 70_000) stop.abort(new Error('told to'));
  };
  await expect(downloadFile(file(), target(), { signal: stop.signal, onProgress })).rejects.toThrow('told to');
  expect(await there()).toEqual(['data.bin.part']);
  expect(await readFile(`${target()}.part`)).toHaveLength(70_000);
  await expect(downloadFile(file(), target(), { signal: stop.signal })).rejects.toThrow('told to');
});

describe('fetchDataSet', () => {
  const registry = (): DataSet[] => [
    {
      name: 'toy',
      kind: 'text',
      summary: 'a toy',
      embedded: false,
      license: 'MIT',
      official: { folder: 'toys', files: [file()] },
    },
    {
      name: 'private',
      kind: 'text',
      summary: 'behind a login',
      embedded: false,
      license: 'theirs',
      official: { folder: 'private', files: [{ name: 'secret.txt' }] },
      supply: 'Get secret.txt from its owner',
    },
  ];
  const options = () => ({ registry: registry(), cacheDir: join(folder, 'c'), dataDir: join(folder, 'd') });

  it('downloads once, then finds it in the cache', async () => {
    handler = whole;
    const found = await fetchDataSet('toy', options());
    expect(found).toMatchObject({ source: join(folder, 'c', 'toy'), files: [join(folder, 'c', 'toy', 'data.bin')] });
    await fetchDataSet('toy', options());
    expect(requests).toHaveLength(1);
    expect((await verifyDataSet('toy', options())).files).toEqual(found.files);
    expect((await listDataSets(options())).map(({ source }) => source)).toEqual([found.source, undefined]);
  });

  it('mends a damaged cache', async () => {
    handler = whole;
    const { files } = await fetchDataSet('toy', options());
    await writeFile(files[0]!, new Uint8Array(content.length));
    expect(await failure(verifyDataSet('toy', options()))).toContain(`expected SHA-256 ${sha256}`);
    await fetchDataSet('toy', options());
    expect(await sha256File(files[0]!)).toBe(sha256);
  });

  it('takes the data folder first, and does not mend that', async () => {
    await mkdir(join(folder, 'd', 'toys'), { recursive: true });
    const path = join(folder, 'd', 'toys', 'data.bin');
    await writeFile(path, content);
    expect((await fetchDataSet('toy', options())).files).toEqual([path]);
    await writeFile(path, content.subarray(1));
    const message = await failure(fetchDataSet('toy', options()));
    expect(message).toContain(`${path}: not the file of toy: expected 300,000 bytes, got 299,999. Remove it`);
    expect(requests).toHaveLength(0);
  });

  it('no network: names the address, the folders and the command', async () => {
    handler = (_, response) => response.destroy();
    const message = await failure(fetchDataSet('toy', options()));
    for (const part of [
      `toy: data.bin could not be downloaded from ${base}/data.bin (`,
      `PROJ_DATA_DIR (${join(folder, 'd')})`,
      `the cache ${join(folder, 'c', 'toy')}`,
      'toys/data.bin',
      '"trainer data fetch toy"',
    ]) {
      expect(message).toContain(part);
    }
    expect(await failure(verifyDataSet('toy', options()))).toContain('Run "trainer data fetch toy"');
  });

  it('what can not be downloaded says how to supply it', async () => {
    const message = await failure(fetchDataSet('private', options()));
    expect(message).toContain('Get secret.txt from its owner');
    expect(message).toContain(`put secret.txt into ${join(folder, 'c', 'private')}`);
    await mkdir(join(folder, 'c', 'private'), { recursive: true });
    await writeFile(join(folder, 'c', 'private', 'secret.txt'), 'x');
    expect((await fetchDataSet('private', options())).files).toHaveLength(1);
  });

  it('an unknown name: the nearest, and the list', async () => {
    expect(await failure(fetchDataSet('tody', options()))).toContain('Did you mean toy? Known are toy, private;');
  });

  it('does not begin when it was told to stop', async () => {
    await expect(fetchDataSet('toy', { ...options(), signal: AbortSignal.abort() })).rejects.toThrow('abort');
  });
});
