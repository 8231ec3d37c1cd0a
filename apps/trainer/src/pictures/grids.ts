import { tileGrid, writePng } from '@proj/io';
import type { ImageShape } from '../models/image-model.ts';
import type { Shape } from '../tasks/task.ts';

/** Nearest-neighbour enlargement of [H, W, C] by a whole factor. */
function enlarge(data: Uint8Array, [height, width, channels]: readonly number[], factor: number) {
  const [h, w, c] = [height! * factor, width! * factor, channels!];
  const out = new Uint8Array(h * w * c);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const from = (Math.floor(y / factor) * width! + Math.floor(x / factor)) * c;
      out.set(data.subarray(from, from + c), (y * w + x) * c);
    }
  }
  return { data: out, shape: [h, w, c] as [number, number, number] };
}

/**
 * Images row-major [count, D] as one PNG of tiles, enlarged so that small images can be seen. 0 is black and 1 white;
 * what a Gaussian decoder puts outside is drawn as the nearer of the two.
 */
export function imageGridPng(images: Float32Array, shape: Shape, columns: number, gap = 1): Uint8Array {
  const { height, width, channels } = shape as ImageShape;
  const count = images.length / (height * width * channels);
  const data = images.map((value) => Math.min(1, Math.max(0, value)));
  const grid = tileGrid({ data, shape: [count, height, width, channels] }, { columns, gap });
  return writePng(enlarge(grid.data, grid.shape, height <= 40 ? 2 : 1));
}

/** Originals above their reconstructions, in pairs of rows. */
export function reconstructionGridPng(
  originals: Float32Array,
  reconstructions: Float32Array,
  shape: Shape,
  columns: number,
): Uint8Array {
  return stackedGridPng([originals, reconstructions], shape, columns);
}

/** Several versions of the same images, each [count, D]: those of one image stand above each other. */
export function stackedGridPng(versions: readonly Float32Array[], shape: Shape, columns: number): Uint8Array {
  const { height, width, channels } = shape as ImageShape;
  const size = height * width * channels;
  const count = Math.floor((versions[0]?.length ?? 0) / size);
  const interleaved = new Float32Array(versions.length * Math.ceil(count / columns) * columns * size);
  versions.forEach((images, row) => {
    for (let i = 0; i < count; i++) {
      const at = (versions.length * Math.floor(i / columns) + row) * columns + (i % columns);
      interleaved.set(images.subarray(i * size, (i + 1) * size), at * size);
    }
  });
  return imageGridPng(interleaved, shape, columns);
}
