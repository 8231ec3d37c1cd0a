import type * as tf from '@tensorflow/tfjs-core';
import { checkGaussianKl, type GaussianKlInputs } from '../fused/gaussian-kl.ts';
import type { KernelArgs, Own } from '../wasm/own.ts';

/** Our own kernel `ProjGaussianKl`: [B]. See assembly/gaussian-kl.ts. */
export function gaussianKl({ inputs }: KernelArgs<GaussianKlInputs>, own: Own): tf.TensorInfo {
  const [rows, columns] = checkGaussianKl(inputs);
  const kl = own.output([rows]);
  const addresses = [inputs.loc, inputs.logVariance, kl].map((info) => own.address(info));
  own.run.gaussianKl!(...addresses, ...[0, rows, columns]);
  return kl;
}
