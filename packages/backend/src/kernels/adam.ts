import type * as tf from '@tensorflow/tfjs-core';
import type { KernelArgs, Own } from '../wasm/own.ts';

type Inputs = Record<'weight' | 'm' | 'v' | 'gradient', tf.TensorInfo>;
type Attrs = Record<'beta1' | 'rate1' | 'beta2' | 'rate2' | 'stepSize' | 'epsilon', number>;

/** Our own kernel `ProjAdam`: one step of one weight in one pass, [weight, m, v] after it. See assembly/adam.ts. */
export function adam({ inputs, attrs }: KernelArgs<Inputs, Attrs>, own: Own): tf.TensorInfo[] {
  const { weight, m, v, gradient } = inputs;
  const outputs = [own.output(weight.shape), own.output(weight.shape), own.output(weight.shape)];
  const size = weight.shape.reduce((product, n) => product * n, 1);
  const { beta1, rate1, beta2, rate2, stepSize, epsilon } = attrs;
  own.run.adam!(
    ...[weight, m, v, gradient, ...outputs].map((info) => own.address(info)),
    ...[0, size, beta1, rate1, beta2, rate2, stepSize, epsilon],
  );
  return outputs;
}
