import type * as tf from '@tensorflow/tfjs-core';
import {
  type ConcatEluGradInputs,
  type ConcatEluInputs,
  checkConcatElu,
  checkConcatEluGrad,
  checkGatedResidual,
  checkGatedResidualGrad,
  type GatedResidualGradInputs,
  type GatedResidualInputs,
} from '../fused/gated-block.ts';
import type { KernelArgs, Own } from '../wasm/own.ts';
import { addresses } from './sequence.ts';

/** Our own kernel `ProjConcatElu`: [..., 2D]. See assembly/gated-block.ts for all of them. */
export function concatElu({ inputs }: KernelArgs<ConcatEluInputs>, own: Own): tf.TensorInfo {
  const { lead, rows, size } = checkConcatElu(inputs);
  const y = own.output([...lead, 2 * size]);
  own.run.concatElu!(...addresses(own, inputs.x, y), 0, rows, size);
  return y;
}

/** Our own kernel `ProjConcatEluGrad`: [..., D]. */
export function concatEluGrad({ inputs }: KernelArgs<ConcatEluGradInputs>, own: Own): tf.TensorInfo {
  const { lead, rows, size } = checkConcatEluGrad(inputs);
  const dx = own.output([...lead, size]);
  own.run.concatEluGradient!(...addresses(own, inputs.dy, inputs.y, dx), 0, rows, size);
  return dx;
}

/** Our own kernel `ProjGatedResidual`: [..., D]. */
export function gatedResidual({ inputs }: KernelArgs<GatedResidualInputs>, own: Own): tf.TensorInfo {
  const { lead, rows, size } = checkGatedResidual(inputs);
  const y = own.output([...lead, size]);
  own.run.gatedResidual!(...addresses(own, inputs.x, inputs.h, y), 0, rows, size);
  return y;
}

/** Our own kernel `ProjGatedResidualGrad`: by h, [..., 2D]. */
export function gatedResidualGrad({ inputs }: KernelArgs<GatedResidualGradInputs>, own: Own): tf.TensorInfo {
  const { lead, rows, size } = checkGatedResidualGrad(inputs);
  const dh = own.output([...lead, 2 * size]);
  own.run.gatedResidualGradient!(...addresses(own, inputs.dy, inputs.h, dh), 0, rows, size);
  return dh;
}
