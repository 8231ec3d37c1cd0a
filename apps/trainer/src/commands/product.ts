import { writeFileAtomic } from '@proj/io/node';
import type { Io } from '../io.ts';
import type { Product } from '../tasks/task.ts';

export interface ProductOptions {
  readonly model: string;
  /** `Date.now()` when the command began. */
  readonly started: number;
  /** File asked for, or else the default without its extension. */
  readonly out: string | undefined;
  readonly usual: string;
  readonly json: boolean;
  /** For a file: `100 images`. */
  readonly what: (count: number) => string;
}

/** Writes a product where it was asked for, or prints it, and says so. */
export async function deliver(io: Io, product: Product, options: ProductOptions): Promise<void> {
  const { model, started, usual, json, what } = options;
  const { count, notes = [] } = product;
  for (const note of notes) io.log(note);
  const seconds = () => (Date.now() - started) / 1000;
  if ('samples' in product) {
    const { samples } = product;
    if (options.out !== undefined) {
      const lines = samples.map((sample) => (typeof sample === 'string' ? sample : JSON.stringify(sample)));
      await writeFileAtomic(options.out, new TextEncoder().encode(lines.map((line) => `${line}\n`).join('')));
    }
    const out = options.out === undefined ? {} : { out: options.out };
    if (json) io.print(JSON.stringify({ model, count, seconds: seconds(), ...out, samples }));
    else if (options.out === undefined) {
      for (const sample of samples) io.print(typeof sample === 'string' ? sample : JSON.stringify(sample));
    } else io.print(`wrote ${what(count)} to ${options.out}`);
    return;
  }
  const out = options.out ?? `${usual}.${product.extension}`;
  await writeFileAtomic(out, product.bytes);
  if (json) io.print(JSON.stringify({ model, count, seconds: seconds(), out }));
  else io.print(`wrote ${what(count)} to ${out}`);
}
