import { DataError, type DownloadProgress, type ImageData, loadImages, UnavailableError } from '@proj/io/node';
import { UsageError } from './errors.ts';
import type { Io } from './io.ts';

export type Split = 'train' | 'validation' | 'test';
export const splits: readonly Split[] = ['test', 'validation', 'train'];

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

/** `train-images-idx3-ubyte.gz: 3.2 of 9.9 MB` */
export const progressLine = ({ file, received, total }: DownloadProgress): string =>
  `${file}: ${megabytes(received)}${total ? ` of ${megabytes(total)}` : ''} MB`;

/** Images by name or path, fetched with a progress line when they are nowhere on this machine. */
export async function loadData(io: Io, name: string, limit: number | null): Promise<ImageData> {
  try {
    return await loadImages(name, {
      ...(limit === null ? {} : { limit }),
      signal: io.signal,
      onProgress: (progress) => io.status(progressLine(progress)),
    });
  } catch (error) {
    throw asCliError(error);
  }
}

/** A DataError is the user's mistake unless network, disk or file refused; anything else is left as it is. */
export function asCliError(error: unknown): unknown {
  return error instanceof DataError && !(error instanceof UnavailableError) ? new UsageError(error.message) : error;
}
