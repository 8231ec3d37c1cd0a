import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DataError } from '../data-error.ts';
import { grouped } from '../internal/shape.ts';
import type { DataFile } from './data-sets.ts';
import { fileFault } from './file-fault.ts';
import { syncFolder } from './write-file-atomic.ts';

export interface DownloadProgress {
  /** Name of the file. */
  file: string;
  url: string;
  /** Bytes there so far, with those of an earlier, cut-off download. */
  received: number;
  /** Bytes in all, if the server or the data set says. */
  total: number | undefined;
}

export interface DownloadOptions {
  onProgress?: (progress: DownloadProgress) => void;
  signal?: AbortSignal;
  /** Milliseconds without a byte after which a server counts as dead; 60,000 if omitted. */
  stallAfter?: number;
}

/** Why one address did not give the file. The next one is tried. */
class AddressFault extends Error {}

/**
 * Downloads a file to `target`, from the first address that gives it.
 *
 * What has arrived lies in `target.part`, so a download that was cut off goes on where it stopped (HTTP Range). Size and
 * checksums are compared before the file gets its name; a wrong one is removed.
 *
 * @throws DataError that names each address and its fault; the signal's reason if it aborts.
 */
export async function downloadFile(file: DataFile, target: string, options: DownloadOptions = {}): Promise<void> {
  const faults: string[] = [];
  await mkdir(dirname(target), { recursive: true }).catch((error: unknown) => {
    throw new DataError(`${dirname(target)}: could not be made: ${fileFault(error)}.`, { cause: error });
  });
  for (const url of file.urls ?? []) {
    try {
      await fromAddress(url, file, target, options);
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof AddressFault)) throw error;
      faults.push(`${url} (${error.message})`);
    }
  }
  throw new DataError(`${file.name}: could not be downloaded from ${faults.join(', nor from ')}`);
}

/** Two goes: a server may drop the line, or refuse to go on from where the last download stopped. */
async function fromAddress(url: string, file: DataFile, target: string, options: DownloadOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await fetchPart(url, file, `${target}.part`, options);
      break;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof CutOff) || attempt === 3) throw error;
    }
  }
  await verifyPart(url, file, `${target}.part`, options.signal);
  await rename(`${target}.part`, target);
  await syncFolder(dirname(target));
}

class CutOff extends AddressFault {}

async function fetchPart(url: string, file: DataFile, part: string, options: DownloadOptions): Promise<void> {
  const { onProgress, signal, stallAfter = 60_000 } = options;
  let have = await stat(part).then(
    ({ size }) => size,
    () => 0,
  );
  if (file.bytes !== undefined && have >= file.bytes) {
    if (have === file.bytes) return;
    await rm(part);
    have = 0;
  }
  const stalled = new AbortController();
  const stop = signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal;
  const alarm = setTimeout(() => stalled.abort(new Error(`no byte for ${stallAfter / 1000} s`)), stallAfter);
  try {
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (have > 0) headers.range = `bytes=${have}-`;
    const response = await fetch(url, { headers, signal: stop }).catch((error: unknown) => {
      throw new AddressFault(networkFault(stalled.signal.aborted ? stalled.signal.reason : error), { cause: error });
    });
    if (response.status === 416 && have > 0) {
      await response.body?.cancel();
      await rm(part, { force: true });
      throw new CutOff('the server could not go on from the part that is there');
    }
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new AddressFault(`HTTP ${response.status} ${response.statusText}`.trim());
    }
    const resumes = response.status === 206 && startOf(response) === have;
    if (response.status === 206 && !resumes) {
      await response.body.cancel();
      await rm(part, { force: true });
      throw new CutOff('the server sent another range than was asked for');
    }
    if (!resumes) have = 0;
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    const total = file.bytes ?? (Number.isFinite(length) ? have + length : undefined);
    const out = await open(part, resumes ? 'a' : 'w');
    try {
      onProgress?.({ file: file.name, url, received: have, total });
      for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
        alarm.refresh();
        have += piece.length;
        if (file.bytes !== undefined && have > file.bytes) {
          await rm(part, { force: true });
          throw new AddressFault(`sent more than the ${grouped(file.bytes)} bytes expected`);
        }
        await out.writeFile(piece);
        onProgress?.({ file: file.name, url, received: have, total });
      }
      await out.sync();
    } catch (error) {
      if (error instanceof AddressFault) throw error;
      if (isFileError(error)) {
        throw new DataError(`${part}: could not be written: ${fileFault(error)}.`, { cause: error });
      }
      throw new CutOff(`cut off after ${grouped(have)} bytes: ${networkFault(error)}`, { cause: error });
    } finally {
      await out.close();
    }
    if (total !== undefined && have < total)
      throw new CutOff(`cut off after ${grouped(have)} of ${grouped(total)} bytes`);
  } finally {
    clearTimeout(alarm);
  }
}

/** First byte of a partial answer, from `content-range: bytes 100-199/200`. */
function startOf(response: Response): number | undefined {
  const match = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return match ? Number(match[1]) : undefined;
}

/** A damaged download is of no use to go on from, so it is removed. */
async function verifyPart(url: string, file: DataFile, part: string, signal?: AbortSignal): Promise<void> {
  const fault = await fileMismatch(file, part, signal);
  if (fault === undefined) return;
  await rm(part, { force: true });
  throw new DataError(
    `${file.name}: what ${url} sent is not the expected file: ${fault}. It was removed; try again later, or supply the file yourself.`,
  );
}

/** How a file differs from what its data set says, or undefined if it is the right one. */
export async function fileMismatch(file: DataFile, path: string, signal?: AbortSignal): Promise<string | undefined> {
  const { size } = await stat(path);
  if (file.bytes !== undefined && size !== file.bytes) {
    return `expected ${grouped(file.bytes)} bytes, got ${grouped(size)}`;
  }
  const [algorithm, expected] = file.sha256 ? (['sha256', file.sha256] as const) : (['md5', file.md5] as const);
  if (expected === undefined) return undefined;
  const hash: Hash = createHash(algorithm);
  for await (const piece of createReadStream(path, { signal, highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  const actual = hash.digest('hex');
  const title = algorithm === 'md5' ? 'MD5' : 'SHA-256';
  return actual === expected ? undefined : `expected ${title} ${expected}, got ${actual}`;
}

const isFileError = (error: unknown) =>
  typeof (error as { syscall?: unknown } | null)?.syscall === 'string' &&
  (error as { syscall: string }).syscall !== 'read'
    ? ['write', 'open', 'fsync', 'ftruncate'].includes((error as { syscall: string }).syscall)
    : false;

/** `fetch failed` hides the reason in its cause. */
function networkFault(error: unknown): string {
  let inner: unknown = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof AggregateError && inner.errors[0] instanceof Error) inner = inner.errors[0];
  const code = (inner as { code?: unknown } | null)?.code;
  const text = String(inner instanceof Error ? inner.message : inner).replace(/\s+/g, ' ');
  return typeof code === 'string' && !text.includes(code) ? `${text || 'failed'} ${code}` : text;
}
