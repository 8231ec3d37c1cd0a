import type * as tf from '@tensorflow/tfjs-core';
import { type AdamAllAttrs, adamAllSlots, adamRates } from '../fused/adam-all.ts';
import type { KernelArgs, Own } from '../wasm/own.ts';
import { bitsOf, share } from './move/strided.ts';
import { sizeOf } from './size.ts';

/** Our own kernel `ProjAdamAll`: a pass over the gradients for their norm if it clips, and one over everything. */
export function adamAll(
  { inputs, attrs }: KernelArgs<Record<string, tf.TensorInfo>, AdamAllAttrs>,
  own: Own,
): tf.TensorInfo[] {
  const { beta1, beta2, learningRate, weightDecay, clipNorm } = attrs;
  const slots = adamAllSlots(inputs, attrs);
  let scale = attrs.gradientScale;
  let norm: tf.TensorInfo | undefined;
  if (clipNorm > 0) {
    const squares = slots.map(({ gradient }) =>
      own.run.sumOfSquares!(own.address(gradient), 0, sizeOf(gradient.shape)),
    );
    const length = Math.fround(Math.abs(scale) * Math.sqrt(squares.reduce((sum, square) => sum + square, 0)));
    norm = own.output([]);
    own.run.fillWords!(own.address(norm), 1, bitsOf(length, 'float32'));
    if (!Number.isFinite(length)) {
      return [...slots.flatMap(({ weight, m, v }) => [weight, m, v].map((old) => share(own, old, old.shape))), norm];
    }
    if (length > clipNorm) scale *= clipNorm / length;
  }
  const { rate1, rate2, stepSize, epsilon } = adamRates(attrs);
  // An input that stands at several places may have to be read again after it was written.
  const places = new Map<object, number>();
  for (const { dataId } of Object.values(inputs)) places.set(dataId, (places.get(dataId) ?? 0) + 1);
  const outputs = slots.flatMap(({ weight, m, v, gradient }, i) => {
    const old = [weight, m, v];
    const updated = old.map((info) => (places.get(info.dataId) === 1 ? own.overwrite(info) : own.output(info.shape)));
    own.run.adam!(
      ...[...old, gradient, ...updated].map((info) => own.address(info)),
      ...[0, sizeOf(weight.shape), beta1, rate1, beta2, rate2, scale, stepSize, epsilon],
      learningRate * weightDecay[i]!,
    );
    return updated;
  });
  return norm === undefined ? outputs : [...outputs, norm];
}
