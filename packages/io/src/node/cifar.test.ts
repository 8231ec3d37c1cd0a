import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readCifar } from './cifar.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proj-io-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** One record after https://www.cs.toronto.edu/~kriz/cifar.html: label, then 1,024 red, green and blue bytes. */
function record(label: number): Uint8Array {
  const bytes = new Uint8Array(3073);
  bytes[0] = label;
  for (let i = 0; i < 1024; i++) {
    bytes[1 + i] = i & 255;
    bytes[1025 + i] = (i + 1) & 255;
    bytes[2049 + i] = label;
  }
  return bytes;
}

/** A tar of ustar headers as far as a reader looks at them: name, octal size, kind. */
function tar(files: [name: string, content: Uint8Array][]): Uint8Array {
  const blocks = files.flatMap(([name, content]) => {
    const head = Buffer.alloc(512);
    head.write(name, 0);
    head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    head.write(name.endsWith('/') ? '5' : '0', 156);
    return [head, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const batches = [3, 1, 2, 5, 4].map((i): [string, Uint8Array] => [
  `cifar-10-batches-bin/data_batch_${i}.bin`,
  record(i),
]);
const official: [string, Uint8Array][] = [
  ['cifar-10-batches-bin/', new Uint8Array(0)],
  ['cifar-10-batches-bin/batches.meta.txt', new TextEncoder().encode('airplane\n')],
  ...batches,
  ['cifar-10-batches-bin/test_batch.bin', record(9)],
];

it('reads the official archive: batches in order, planes woven to pixels', async () => {
  const path = join(folder, 'cifar-10-binary.tar.gz');
  await writeFile(path, gzipSync(tar(official)));
  const { training, test } = await readCifar(path);
  expect([...training.labels!]).toEqual([1, 2, 3, 4, 5]);
  expect(training).toMatchObject({ count: 5, height: 32, width: 32, channels: 3 });
  expect([...training.images.subarray(3 * 7, 3 * 7 + 3)]).toEqual([7, 8, 1]);
  expect([...test!.labels!]).toEqual([9]);
});

it.each<[string, string, Uint8Array, string]>([
  ['a missing batch', 'a.tar.gz', gzipSync(tar(official.slice(0, 5))), 'expected data_batch_1.bin to 5'],
  ['a cut-off archive', 'a.tar.gz', gzipSync(tar(official).subarray(0, 3000)), 'the archive is cut off or damaged'],
  ['cut-off gzip', 'a.bin.gz', gzipSync(record(1)).subarray(0, 100), 'could not be unpacked'],
  ['half a record', 'a.bin.gz', gzipSync(record(1).subarray(1)), 'expected records of 3073 bytes, got 3,072 bytes'],
])('refuses %s', async (_, name, bytes, says) => {
  const path = join(folder, name);
  await writeFile(path, bytes);
  await expect(readCifar(path)).rejects.toThrow(says);
});
