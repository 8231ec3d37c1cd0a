import { checkSeed, mix, Random } from '../internal/random.ts';
import { drawDigit } from './draw.ts';

export interface DigitsOptions {
  /** How many; the classes are as equal as they can be. */
  count: number;
  /** Same seed, same digits, on every machine. Image i does not depend on `count`. */
  seed: number;
  /** Height and width in pixels, 28 if omitted. */
  size?: number;
}

export interface LabelledImages {
  images: { data: Uint8Array; shape: [number, number, number, number] };
  labels: { data: Uint8Array; shape: [number] };
}

/**
 * Draws digits that look handwritten, laid out as MNIST: white ink on black, [N, size, size, 1], label = the digit.
 *
 * Each follows one of the shapes in which writers draw the digit, bent, slanted, turned, stretched and thickened at
 * random, scaled to a box of 20/28 of the picture and centred by its mass, as MNIST was made. Only + - * / and square
 * root, which all engines round alike, so the bytes are the same everywhere.
 *
 * @throws RangeError if count, seed or size is out of range.
 */
export function digits({ count, seed, size = 28 }: DigitsOptions): LabelledImages {
  checkSeed('digits', seed);
  if (!Number.isSafeInteger(count) || count < 0 || count > 10_000_000) {
    throw new RangeError(`digits: count must be a whole number from 0 to 10,000,000, got ${count}.`);
  }
  if (!Number.isInteger(size) || size < 8 || size > 256) {
    throw new RangeError(`digits: size must be a whole number from 8 to 256, got ${size}. Omit it to use 28.`);
  }
  const images = new Uint8Array(count * size * size);
  const labels = new Uint8Array(count);
  const decade: number[] = [];
  for (let i = 0; i < count; i++) {
    if (i % 10 === 0) shuffleDecade(decade, new Random(seed, mix(i) ^ 0x5bd1e995));
    const label = decade[i % 10]!;
    labels[i] = label;
    drawDigit(label, new Random(seed, i), images.subarray(i * size * size, (i + 1) * size * size), size);
  }
  return { images: { data: images, shape: [count, size, size, 1] }, labels: { data: labels, shape: [count] } };
}

/** Every ten images in a row hold each digit once, in random order. */
function shuffleDecade(decade: number[], random: Random): void {
  for (let i = 0; i < 10; i++) {
    const j = random.below(i + 1);
    decade[i] = decade[j] ?? i;
    decade[j] = i;
  }
}
