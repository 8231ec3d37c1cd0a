import { DataError, type DownloadProgress, type FetchOptions, UnavailableError } from '@proj/io/node';
import { UsageError } from './errors.ts';
import type { Io } from './io.ts';

export type Split = 'train' | 'validation' | 'test';
export const splits: readonly Split[] = ['test', 'validation', 'train'];

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

/** `train-images-idx3-ubyte.gz: 3.2 of 9.9 MB` */
export const progressLine = ({ file, received, total }: DownloadProgress): string =>
  `${file}: ${megabytes(received)}${total ? ` of ${megabytes(total)}` : ''} MB`;

/** What `load` loads, with a progress line where it has to be downloaded. */
export async function fetched<D>(
  io: Io,
  load: (options: Pick<FetchOptions, 'signal' | 'onProgress'>) => Promise<D>,
): Promise<D> {
  try {
    return await load({ signal: io.signal, onProgress: (progress) => io.status(progressLine(progress)) });
  } catch (error) {
    throw asCliError(error);
  }
}

/** A DataError is the user's mistake unless network, disk or file refused; anything else is left as it is. */
export function asCliError(error: unknown): unknown {
  return error instanceof DataError && !(error instanceof UnavailableError) ? new UsageError(error.message) : error;
}
