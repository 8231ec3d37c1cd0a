import { liveKernel } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { type CausalProgram, CausalProgramBuilder, type Value } from '../internal/causal-program.ts';
import type { ImageShape } from '../internal/check.ts';
import { type ConvSpec, type Network, origin } from './network.ts';

/** The network for the cached sampler, its weights read from the engine. Class biases are numbers of the image. */
export async function program(
  network: Network,
  weights: Readonly<Record<string, tf.Tensor>>,
  imageShape: ImageShape,
  levels: number,
): Promise<CausalProgram> {
  const data = new Map<string, Conv>();
  for (const spec of network.specs) data.set(spec.name, await read(spec, weights));
  const channels = imageShape[2];
  const builder = new CausalProgramBuilder(imageShape, channels);
  const places = classPlaces(network.specs);
  const logits = network.run<Value>(
    {
      conv(x, spec, plus) {
        const conv = data.get(spec.name)!;
        const place = places.get(spec.name);
        const options = { ...conv, origin: origin(spec), ...(plus ? { plus } : {}) };
        if (place === undefined) return builder.conv(x, { ...options, activation: spec.relu ? 'relu' : 'none' });
        const shifted = builder.addConstants(builder.conv(x, options), place);
        return spec.relu ? builder.relu(shifted) : shifted;
      },
      add: (x, y) => builder.add(x, y),
    },
    builder.image,
  );
  return builder.softmax(logits, levels);
}

/** Where the biases of an image's class begin among its numbers, by layer. */
export function classPlaces(specs: readonly ConvSpec[]): Map<string, number> {
  const places = new Map<string, number>();
  let at = 0;
  for (const { name, classes, kernel } of specs) {
    if (!classes) continue;
    places.set(name, at);
    at += kernel[3];
  }
  return places;
}

interface Conv {
  kernel: ArrayLike<number>;
  shape: readonly number[];
  bias: ArrayLike<number>;
}

async function read({ name, view }: ConvSpec, weights: Readonly<Record<string, tf.Tensor>>): Promise<Conv> {
  const kernel = weights[`${name}/kernel`] as tf.Tensor4D;
  const [height, width] = kernel.shape;
  const live = tf.tidy(() =>
    tf.clone('above' in view ? kernel : liveKernel(kernel, { ...view, kernelSize: [height, width] })),
  );
  try {
    return { kernel: await live.data(), shape: live.shape, bias: await weights[`${name}/bias`]!.data() };
  } finally {
    live.dispose();
  }
}
