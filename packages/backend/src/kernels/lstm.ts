import type * as tf from '@tensorflow/tfjs-core';
import { type LstmAttrs, type LstmGradInputs, type LstmInputs, lstmSizes } from '../fused/lstm.ts';
import { sizesOf } from '../fused/sequence.ts';
import type { KernelArgs, Workspace } from '../wasm/own.ts';
import { addresses, copyOf, lastStates, shared, statesBefore } from './sequence.ts';

/** `ProjLstmSequence`: [states, last h, last c, gates, cells, and the mask if there is one]. See assembly/lstm.ts. */
export function lstm(
  { inputs, attrs }: KernelArgs<LstmInputs<tf.TensorInfo>, LstmAttrs>,
  own: Workspace,
): tf.TensorInfo[] {
  const { batch, steps, units } = lstmSizes(inputs);
  const { projected, recurrent, h, c, mask } = inputs;
  const states = own.output([batch, steps, units]);
  const cells = own.output([batch, steps, units]);
  const gates = own.output([batch, steps, 4 * units]);
  if (batch * steps * units > 0) {
    own.scratch(own.run.lstmSpace!(batch, units), (scratch) =>
      own.run.lstmForward!(
        ...addresses(own, projected, recurrent, h, c, mask, states, cells, gates),
        ...[0, batch, steps, units, Number(attrs.backward), scratch],
      ),
    );
  }
  const last = [lastStates(own, states, h, attrs.backward), lastStates(own, cells, c, attrs.backward)];
  return [states, ...last, gates, cells, ...(mask === undefined ? [] : [shared(own, mask)])];
}

/** `ProjLstmSequenceGrad`: [by projected, by the initial h, by the initial c, h that each step began with]. */
export function lstmGrad(
  { inputs, attrs }: KernelArgs<LstmGradInputs<tf.TensorInfo>, LstmAttrs>,
  own: Workspace,
): tf.TensorInfo[] {
  const { recurrent, h, c, mask, states, cells, gates, dStates, dLastH, dLastC } = inputs;
  const { batch, steps, units } = sizesOf(states);
  const dProjected = own.output(gates.shape);
  const [dH, dC] = [copyOf(own, dLastH), copyOf(own, dLastC)];
  if (batch * steps * units > 0) {
    own.scratch(own.run.lstmSpace!(batch, units), (scratch) =>
      own.run.lstmBackward!(
        ...addresses(own, recurrent, c, mask, cells, gates, dStates, dProjected, dH, dC),
        ...[0, batch, steps, units, Number(attrs.backward), scratch],
      ),
    );
  }
  return [dProjected, dH, dC, statesBefore(own, states, h, attrs.backward)];
}
