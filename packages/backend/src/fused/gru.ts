import * as tf from '@tensorflow/tfjs-core';
import {
  demand,
  joined,
  keeper,
  matrixGradient,
  order,
  type Sizes,
  sequenceSizes,
  sizesOf,
  statesBefore,
  stepOf,
  throughSigmoid,
  throughTanh,
} from './sequence.ts';

/** See ProjGruSequence of FusedKernels in @proj/layers. `T` is Tensor, or TensorInfo in compiled kernels. */
export interface GruInputs<T = tf.Tensor> {
  projected: T;
  recurrent: T;
  recurrentBias?: T;
  h: T;
  mask?: T;
}

/** Of ProjGruSequenceGrad: what the forward pass had and left, and the gradients by its first two outputs. */
export interface GruGradInputs<T = tf.Tensor> {
  recurrent: T;
  h: T;
  mask?: T;
  /** [B, T, H]: h after each step. */
  states: T;
  /** [B, T, 3H], activated. */
  gates: T;
  /** [B, T, H]: h U + bias of the third gate with `resetAfter`, else r h. */
  inner: T;
  dStates: T;
  dLastH: T;
}

export interface GruAttrs {
  resetAfter: boolean;
  backward: boolean;
}

/** @throws RangeError if shapes or types do not fit. */
export function gruSizes(inputs: GruInputs<tf.TensorInfo>, { resetAfter }: GruAttrs): Sizes {
  const sizes = sequenceSizes('ProjGruSequence', 3, inputs);
  const { recurrentBias } = inputs;
  if (recurrentBias === undefined) return sizes;
  if (!resetAfter) throw new RangeError('ProjGruSequence: recurrentBias came without resetAfter; add it to the bias.');
  demand('ProjGruSequence', { recurrentBias }, [3 * sizes.units]);
  return sizes;
}

type Three = [tf.Tensor, tf.Tensor, tf.Tensor];

/** The columns of z and r, and those of n. */
const columns = (x: tf.Tensor, units: number): [tf.Tensor, tf.Tensor] =>
  tf.split(x, [2 * units, units], x.rank - 1) as [tf.Tensor, tf.Tensor];

/** [states, last h, gates, inner, and the mask if there is one]. */
export function composedGru(inputs: GruInputs, attrs: GruAttrs): tf.Tensor[] {
  const sizes = gruSizes(inputs, attrs);
  const { units } = sizes;
  const { projected, recurrent, recurrentBias, mask } = inputs;
  const [matrixZR, matrixN] = columns(recurrent, units);
  let { h } = inputs;
  const [states, gates, inners]: [tf.Tensor[], tf.Tensor[], tf.Tensor[]] = [[], [], []];
  for (const t of order(sizes, attrs.backward)) {
    const keep = keeper(mask, t);
    const [pZR, pN] = columns(stepOf(projected, t), units);
    let [sumZR, inner]: [tf.Tensor, tf.Tensor?] = [tf.matMul(h, matrixZR)];
    if (attrs.resetAfter) {
      let sum = tf.matMul(h, recurrent);
      if (recurrentBias !== undefined) sum = tf.add(sum, recurrentBias);
      [sumZR, inner] = columns(sum, units);
    }
    const [z, r] = tf.split(tf.sigmoid(tf.add(pZR, sumZR)), 2, 1) as [tf.Tensor, tf.Tensor];
    inner ??= tf.mul(r, h);
    const n = tf.tanh(tf.add(pN, attrs.resetAfter ? tf.mul(r, inner) : tf.matMul(inner, matrixN)));
    h = keep(tf.add(n, tf.mul(z, tf.sub(h, n))), h);
    states[t] = h;
    inners[t] = keep(inner, tf.zerosLike(inner));
    gates[t] = tf.concat([z, r, n], 1);
  }
  const saved = [joined(gates, sizes, 3 * units), joined(inners, sizes, units)];
  return [joined(states, sizes, units), tf.clone(h), ...saved, ...(mask === undefined ? [] : [tf.clone(mask)])];
}

/** [by projected, by the initial h, h that each step began with, and with `resetAfter` by h U + bias]. */
export function composedGruGrad(inputs: GruGradInputs, { resetAfter, backward }: GruAttrs): tf.Tensor[] {
  const { recurrent, mask, states, gates, inner, dStates, dLastH } = inputs;
  const sizes = sizesOf(states);
  const { units } = sizes;
  const before = statesBefore(states, inputs.h, backward);
  const [matrixZR, matrixN] = columns(recurrent, units);
  let dh = tf.clone(dLastH);
  const [dProjected, dInner]: [tf.Tensor[], tf.Tensor[]] = [[], []];
  for (const t of order(sizes, !backward)) {
    const keep = keeper(mask, t);
    const [z, r, n] = tf.split(stepOf(gates, t), 3, 1) as Three;
    const slope = tf.add(stepOf(dStates, t), dh);
    const last = stepOf(before, t);
    const dz = throughSigmoid(tf.mul(slope, tf.sub(last, n)), z);
    const dn = throughTanh(tf.mul(slope, tf.sub(1, z)), n);
    // By what r multiplies: q, which the third gate adds, or h, which then goes through the product.
    const byReset = resetAfter ? dn : tf.matMul(dn, matrixN, false, true);
    const dr = throughSigmoid(tf.mul(byReset, resetAfter ? stepOf(inner, t) : last), r);
    const byGates = tf.concat([dz, dr, dn], 1);
    const bySum = resetAfter ? tf.concat([dz, dr, tf.mul(dn, r)], 1) : tf.concat([dz, dr], 1);
    let dLast = tf.add(tf.mul(slope, z), tf.matMul(bySum, resetAfter ? recurrent : matrixZR, false, true));
    if (!resetAfter) dLast = tf.add(dLast, tf.mul(byReset, r));
    dProjected[t] = keep(byGates, tf.zerosLike(byGates));
    if (resetAfter) dInner[t] = keep(bySum, tf.zerosLike(bySum));
    dh = keep(dLast, slope);
  }
  const result = [joined(dProjected, sizes, 3 * units), dh, before];
  return resetAfter ? [...result, joined(dInner, sizes, 3 * units)] : result;
}

export const gruGradient: tf.GradConfig = {
  kernelName: 'ProjGruSequence',
  inputsToSave: ['recurrent', 'h'],
  outputsToSave: [true, false, true, true, true],
  gradFunc: (dys, saved, attrs) => {
    const [recurrent, h, states, gates, inner, mask] = saved as [...Three, tf.Tensor, tf.Tensor, tf.Tensor?];
    const [dStates, dLastH] = dys as unknown as [tf.Tensor, tf.Tensor];
    const inputs: GruGradInputs = { recurrent, h, states, gates, inner, dStates, dLastH };
    if (mask !== undefined) inputs.mask = mask;
    const [dProjected, dH, before, dInner] = tf
      .engine()
      .runKernel('ProjGruSequenceGrad', inputs as unknown as tf.NamedTensorMap, attrs) as [...Three, tf.Tensor?];
    const units = h.shape[1]!;
    return {
      projected: () => dProjected,
      recurrent: () => {
        if (dInner !== undefined) return matrixGradient(before, dInner);
        const [dZR, dN] = columns(dProjected, units);
        return tf.concat([matrixGradient(before, dZR), matrixGradient(inner, dN)], 1);
      },
      recurrentBias: () => tf.sum(dInner!, [0, 1]),
      h: () => dH,
      mask: () => tf.zerosLike(mask!),
    };
  },
};
