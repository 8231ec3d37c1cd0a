import * as tf from '@tensorflow/tfjs-core';
import type { CompleteConfig } from './config.ts';
import { drawPixel } from './draw.ts';
import { rescale } from './inputs.ts';
import { network } from './network.ts';
import type { SampleRun } from './sample-run.ts';
import { Tensors } from './tensors.ts';
import type { Kernels } from './weights.ts';

/** Fills the open pixels of a run: the whole network once for each, on any engine. The reference. */
export async function samplePlain(config: CompleteConfig, run: SampleRun, kernels: Kernels): Promise<void> {
  const [height, width, channels] = config.imageShape;
  const { count, levels, open, noise, temperature, conditional } = run;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      if (open[pixel] === 0) continue;
      const outputs = tf.tidy(() => {
        const image = rescale(tf.tensor4d(levels, [count, height, width, channels]), config);
        const pass = { image, conditional, kernelOf: ({ name }: { name: string }) => kernels[name]! };
        return tf.slice(network(config, new Tensors(config, pass)), [0, y, x, 0], [count, 1, 1, -1]);
      });
      const heads = (await outputs.data()) as Float32Array;
      outputs.dispose();
      const part = (all: Float32Array, i: number, size: number) => all.subarray(i * size, (i + 1) * size);
      for (let n = 0; n < count; n++) {
        const at = n * height * width + pixel;
        const head = part(heads, n, heads.length / count);
        const draw = { head, noise: part(noise, at, 1 + channels), temperature };
        drawPixel(config, draw, part(levels, at, channels));
      }
    }
    await run.afterRow(y + 1);
  }
}
