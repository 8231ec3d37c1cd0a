import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DataError, UnavailableError } from '../data-error.ts';
import { bytesText, grouped } from '../internal/shape.ts';
import { fileMismatch } from './checksum.ts';
import type { DataFile } from './data-sets.ts';
import { fileFault } from './file-fault.ts';
import { AddressFault, CutOff, networkFault } from './network-fault.ts';
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
  /** Stops the download; what has arrived is kept to go on from. */
  signal?: AbortSignal;
  /** Milliseconds without a byte after which a server counts as dead; 60,000 if omitted. */
  stallAfter?: number;
}

const ATTEMPTS = 3;

/**
 * Downloads a file to `target`, from the first address that gives it.
 *
 * What has arrived lies in `target.part`, so a download that was cut off goes on where it stopped (HTTP Range), now or
 * when it is called again. Size and checksum are compared before the file gets its name; a wrong one is removed.
 *
 * @throws DataError that names each address and its fault; the signal's reason if it aborts.
 */
export async function downloadFile(file: DataFile, target: string, options: DownloadOptions = {}): Promise<void> {
  options.signal?.throwIfAborted();
  await mkdir(dirname(target), { recursive: true }).catch((error: unknown) => {
    throw new UnavailableError(`${dirname(target)}: could not be made: ${fileFault(error)}.`, { cause: error });
  });
  const faults: string[] = [];
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
  throw new UnavailableError(`${file.name} could not be downloaded from ${faults.join(', nor from ')}`);
}

/** A cut-off line is taken up again at once, and a part that turns out wrong is fetched anew from its start. */
async function fromAddress(url: string, file: DataFile, target: string, options: DownloadOptions): Promise<void> {
  const part = `${target}.part`;
  for (let attempt = 1; ; attempt++) {
    try {
      const resumed = await fetchPart(url, file, part, options);
      const fault = await fileMismatch(file, part, options.signal);
      if (fault === undefined) break;
      await rm(part, { force: true });
      const Fault = resumed ? CutOff : AddressFault;
      throw new Fault(`not the expected file: ${fault}; it was removed`);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof CutOff) || attempt === ATTEMPTS) throw error;
    }
  }
  await rename(part, target);
  await syncFolder(dirname(target));
}

/** Brings `part` to its full length; true if a part from before was gone on from. */
async function fetchPart(url: string, file: DataFile, part: string, options: DownloadOptions): Promise<boolean> {
  const { signal, stallAfter = 60_000 } = options;
  const before = await stat(part).then(
    ({ size }) => size,
    () => 0,
  );
  if (before > 0 && before === file.bytes) return true;
  const stalled = new AbortController();
  const alarm = setTimeout(() => stalled.abort(new Error(`no byte for ${stallAfter / 1000} s`)), stallAfter);
  const stop = signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal;
  try {
    const { body, start, total } = await ask(url, file, before, stop);
    await save(body, { url, file, part, start, total, onProgress: options.onProgress, heard: () => alarm.refresh() });
    return start > 0;
  } finally {
    clearTimeout(alarm);
  }
}

interface Answer {
  body: AsyncIterable<Uint8Array>;
  /** The byte of the file that the body begins with: where we are, or 0 from a server that can't go on. */
  start: number;
  total: number | undefined;
}

async function ask(url: string, file: DataFile, have: number, signal: AbortSignal): Promise<Answer> {
  // Packed on the way, a file would have another length, and ranges of it other bytes.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (have > 0 && have < (file.bytes ?? Number.POSITIVE_INFINITY)) headers.range = `bytes=${have}-`;
  const response = await fetch(url, { headers, signal }).catch((error: unknown) => {
    throw new AddressFault(networkFault(error), { cause: error });
  });
  const refuse = async (fault: AddressFault) => {
    await response.body?.cancel();
    throw fault;
  };
  if (response.status === 416 && headers.range) return ask(url, file, 0, signal);
  if (!response.ok) await refuse(new AddressFault(`HTTP ${response.status} ${response.statusText}`.trim()));
  const start = response.status === 206 ? rangeStart(response) : 0;
  if (start !== 0 && start !== have) await refuse(new AddressFault('it sent another range than was asked for'));
  const length = response.headers.get('content-length');
  const declared = length === null ? undefined : start + Number(length);
  if (file.bytes !== undefined && declared !== undefined && declared !== file.bytes) {
    const sizes = `expected ${bytesText(file.bytes)}, the server has ${grouped(declared)}`;
    await refuse(new AddressFault(`not the expected file: ${sizes}`));
  }
  const body = (response.body ?? []) as unknown as AsyncIterable<Uint8Array>;
  return { body, start, total: file.bytes ?? declared };
}

/** First byte of a partial answer, from `content-range: bytes 100-199/200`. */
function rangeStart(response: Response): number {
  const match = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return match ? Number(match[1]) : Number.NaN;
}

interface Saving {
  url: string;
  file: DataFile;
  part: string;
  start: number;
  total: number | undefined;
  onProgress?: (progress: DownloadProgress) => void;
  heard: () => void;
}

async function save(body: AsyncIterable<Uint8Array>, saving: Saving): Promise<void> {
  const { url, file, part, start, total, onProgress, heard } = saving;
  let received = start;
  const report = () => onProgress?.({ file: file.name, url, received, total });
  const out = await open(part, start > 0 ? 'a' : 'w').catch(diskFull(part));
  try {
    report();
    for await (const piece of body) {
      heard();
      received += piece.length;
      if (total !== undefined && received > total) break;
      await out.writeFile(piece).catch(diskFull(part));
      report();
    }
    await out.sync().catch(diskFull(part));
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new CutOff(`cut off after ${bytesText(received)}: ${networkFault(error)}`, { cause: error });
  } finally {
    await out.close();
  }
  if (total !== undefined && received > total) {
    await rm(part, { force: true });
    throw new AddressFault(`not the expected file: expected ${bytesText(total)}, the server sent more`);
  }
  if (total !== undefined && received < total) {
    throw new CutOff(`cut off after ${grouped(received)} of ${bytesText(total)}`);
  }
}

const diskFull = (part: string) => (error: unknown) => {
  throw new UnavailableError(`${part}: could not be written: ${fileFault(error)}.`, { cause: error });
};
