import type * as tf from '@tensorflow/tfjs-core';
import { type GruAttrs, type GruGradInputs, type GruInputs, gruSizes } from '../fused/gru.ts';
import { sizesOf } from '../fused/sequence.ts';
import type { KernelArgs, Workspace } from '../wasm/own.ts';
import { addresses, copyOf, lastStates, shared, statesBefore } from './sequence.ts';

/** `ProjGruSequence`: [states, last h, gates, inner, and the mask if there is one]. See assembly/gru.ts. */
export function gru(
  { inputs, attrs }: KernelArgs<GruInputs<tf.TensorInfo>, GruAttrs>,
  own: Workspace,
): tf.TensorInfo[] {
  const { batch, steps, units } = gruSizes(inputs, attrs);
  const { projected, recurrent, recurrentBias, h, mask } = inputs;
  const states = own.output([batch, steps, units]);
  const gates = own.output([batch, steps, 3 * units]);
  const inner = own.output([batch, steps, units]);
  if (batch * steps * units > 0) {
    own.scratch(own.run.gruSpace!(batch, units), (scratch) =>
      own.run.gruForward!(
        ...addresses(own, projected, recurrent, recurrentBias, h, mask, states, gates, inner),
        ...[0, batch, steps, units, Number(attrs.resetAfter), Number(attrs.backward), scratch],
      ),
    );
  }
  const last = lastStates(own, states, h, attrs.backward);
  return [states, last, gates, inner, ...(mask === undefined ? [] : [shared(own, mask)])];
}

/** `ProjGruSequenceGrad`: [by projected, by the initial h, h that each step began with, and with `resetAfter` by h U + bias]. */
export function gruGrad(
  { inputs, attrs }: KernelArgs<GruGradInputs<tf.TensorInfo>, GruAttrs>,
  own: Workspace,
): tf.TensorInfo[] {
  const { recurrent, h, mask, states, gates, inner, dStates, dLastH } = inputs;
  const { batch, steps, units } = sizesOf(states);
  const dProjected = own.output(gates.shape);
  const dInner = attrs.resetAfter ? own.output(gates.shape) : undefined;
  const dH = copyOf(own, dLastH);
  if (batch * steps * units > 0) {
    own.scratch(own.run.gruSpace!(batch, units), (scratch) =>
      own.run.gruBackward!(
        ...addresses(own, recurrent, h, mask, states, gates, inner, dStates, dProjected, dInner, dH),
        ...[0, batch, steps, units, Number(attrs.backward), scratch],
      ),
    );
  }
  const result = [dProjected, dH, statesBefore(own, states, h, attrs.backward)];
  return dInner === undefined ? result : [...result, dInner];
}
