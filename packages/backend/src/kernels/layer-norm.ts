import type * as tf from '@tensorflow/tfjs-core';
import {
  checkLayerNorm,
  checkLayerNormGrad,
  type LayerNormGradInputs,
  type LayerNormInputs,
} from '../fused/layer-norm.ts';
import type { KernelArgs, Own } from '../wasm/own.ts';

/** Our own kernel `ProjLayerNorm`: [y, mean, inverse]. See assembly/layer-norm.ts. */
export function layerNorm(args: KernelArgs<LayerNormInputs, { epsilon: number }>, own: Own): tf.TensorInfo[] {
  const { x, gamma, beta } = args.inputs;
  const [rows, columns] = checkLayerNorm(args.inputs);
  const outputs = [own.output([rows, columns]), own.output([rows]), own.output([rows])];
  const addresses = [x, gamma, beta, ...outputs].map((info) => own.address(info));
  own.run.layerNorm!(...addresses, ...[0, rows, columns, args.attrs.epsilon]);
  return outputs;
}

/** Our own kernel `ProjLayerNormGrad`: [dx, dGamma, dBeta]. */
export function layerNormGrad(args: KernelArgs<LayerNormGradInputs>, own: Own): tf.TensorInfo[] {
  const { dy, x, gamma, mean, inverse } = args.inputs;
  const [rows, columns] = checkLayerNormGrad(args.inputs);
  const outputs = [own.output([rows, columns]), own.output([columns]), own.output([columns])];
  own.scratch(24 * columns, (work) => {
    const addresses = [dy, x, gamma, mean, inverse, ...outputs].map((info) => own.address(info));
    own.run.layerNormGradient!(...addresses, ...[work, 0, rows, columns]);
  });
  return outputs;
}
