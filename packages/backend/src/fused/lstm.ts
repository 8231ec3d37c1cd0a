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

/** See ProjLstmSequence of FusedKernels in @proj/layers. `T` is Tensor, or TensorInfo in compiled kernels. */
export interface LstmInputs<T = tf.Tensor> {
  projected: T;
  recurrent: T;
  h: T;
  c: T;
  mask?: T;
}

/** Of ProjLstmSequenceGrad: what the forward pass had and left, and the gradients by its first three outputs. */
export interface LstmGradInputs<T = tf.Tensor> {
  recurrent: T;
  h: T;
  c: T;
  mask?: T;
  /** [B, T, H]: h and c after each step. */
  states: T;
  cells: T;
  /** [B, T, 4H], activated. */
  gates: T;
  dStates: T;
  dLastH: T;
  dLastC: T;
}

export interface LstmAttrs {
  backward: boolean;
}

/** @throws RangeError if shapes or types do not fit. */
export function lstmSizes(inputs: LstmInputs<tf.TensorInfo>): Sizes {
  const sizes = sequenceSizes('ProjLstmSequence', 4, inputs);
  demand('ProjLstmSequence', { c: inputs.c }, [sizes.batch, sizes.units]);
  return sizes;
}

/** [states, last h, last c, gates, cells, and the mask if there is one]. */
export function composedLstm(inputs: LstmInputs, { backward }: LstmAttrs): tf.Tensor[] {
  const sizes = lstmSizes(inputs);
  const { units } = sizes;
  const { projected, recurrent, mask } = inputs;
  let { h, c } = inputs;
  const [states, cells, gates]: [tf.Tensor[], tf.Tensor[], tf.Tensor[]] = [[], [], []];
  for (const t of order(sizes, backward)) {
    const keep = keeper(mask, t);
    const [i, f, g, o] = tf.split(tf.add(stepOf(projected, t), tf.matMul(h, recurrent)), 4, 1) as Four;
    const active = [tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)] as const;
    const cell = tf.add(tf.mul(active[1], c), tf.mul(active[0], active[2]));
    h = keep(tf.mul(active[3], tf.tanh(cell)), h);
    c = keep(cell, c);
    states[t] = h;
    cells[t] = c;
    gates[t] = tf.concat([...active], 1);
  }
  const last = [tf.clone(h), tf.clone(c)];
  const saved = [joined(gates, sizes, 4 * units), joined(cells, sizes, units)];
  return [joined(states, sizes, units), ...last, ...saved, ...(mask === undefined ? [] : [tf.clone(mask)])];
}

type Four = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

/** [by projected, by the initial h, by the initial c, h that each step began with]. */
export function composedLstmGrad(inputs: LstmGradInputs, { backward }: LstmAttrs): tf.Tensor[] {
  const { recurrent, mask, states, cells, gates, dStates, dLastH, dLastC } = inputs;
  const sizes = sizesOf(states);
  const { units } = sizes;
  const before = statesBefore(cells, inputs.c, backward);
  let [dh, dc] = [tf.clone(dLastH), tf.clone(dLastC)];
  const dProjected: tf.Tensor[] = [];
  for (const t of order(sizes, !backward)) {
    const keep = keeper(mask, t);
    const [i, f, g, o] = tf.split(stepOf(gates, t), 4, 1) as Four;
    const slope = tf.add(stepOf(dStates, t), dh);
    const squashed = tf.tanh(stepOf(cells, t));
    const cell = tf.add(dc, throughTanh(tf.mul(slope, o), squashed));
    const byGates = tf.concat(
      [
        throughSigmoid(tf.mul(cell, g), i),
        throughSigmoid(tf.mul(cell, stepOf(before, t)), f),
        throughTanh(tf.mul(cell, i), g),
        throughSigmoid(tf.mul(slope, squashed), o),
      ],
      1,
    );
    dProjected[t] = keep(byGates, tf.zerosLike(byGates));
    dh = keep(tf.matMul(byGates, recurrent, false, true), slope);
    dc = keep(tf.mul(cell, f), dc);
  }
  return [joined(dProjected, sizes, 4 * units), dh, dc, statesBefore(states, inputs.h, backward)];
}

export const lstmGradient: tf.GradConfig = {
  kernelName: 'ProjLstmSequence',
  inputsToSave: ['recurrent', 'h', 'c'],
  outputsToSave: [true, false, false, true, true, true],
  gradFunc: (dys, saved, attrs) => {
    const [recurrent, h, c, states, gates, cells, mask] = saved as [...Four, tf.Tensor, tf.Tensor, tf.Tensor?];
    const [dStates, dLastH, dLastC] = dys as unknown as [tf.Tensor, tf.Tensor, tf.Tensor];
    const inputs: LstmGradInputs = { recurrent, h, c, states, gates, cells, dStates, dLastH, dLastC };
    if (mask !== undefined) inputs.mask = mask;
    const [dProjected, dH, dC, before] = tf
      .engine()
      .runKernel('ProjLstmSequenceGrad', inputs as unknown as tf.NamedTensorMap, attrs) as Four;
    return {
      projected: () => dProjected,
      recurrent: () => matrixGradient(before, dProjected),
      h: () => dH,
      c: () => dC,
      mask: () => tf.zerosLike(mask!),
    };
  },
};
