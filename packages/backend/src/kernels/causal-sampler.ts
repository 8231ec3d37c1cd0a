import type * as tf from '@tensorflow/tfjs-core';
import {
  type CausalProgram,
  type CausalSamplerAttrs,
  type CausalSamplerInputs,
  checkCausalSampler,
  readProgram,
} from '../fused/causal-sampler.ts';
import type { KernelArgs, Workspace } from '../wasm/own.ts';
import { addresses } from './sequence.ts';
import { sizeOf } from './size.ts';

/** Our own kernel `ProjCausalSampler`: [image, state], written in place where nobody else has them. See assembly/causal-sampler.ts. */
export function causalSampler(
  { inputs, attrs }: KernelArgs<CausalSamplerInputs, CausalSamplerAttrs>,
  own: Workspace,
): tf.TensorInfo[] {
  const numbers = inputs.constants?.shape[1] ?? 0;
  const program = known(inputs, numbers, own);
  const batch = checkCausalSampler(inputs, attrs, program);
  const [image, state] = [updated(own, inputs.image), updated(own, inputs.state)];
  const { from, to, temperature, inputScale, inputShift, low, high, scaleFloor } = attrs;
  if (batch > 0) {
    own.scratch(4 * spaceOf(program, batch), (scratch) =>
      own.run.causalSampler!(
        ...addresses(own, inputs.program, inputs.weights, image, state, inputs.noise, inputs.known, inputs.constants),
        ...[numbers, scratch, batch, from, to, temperature, inputScale, inputShift, low, high, scaleFloor],
      ),
    );
  }
  return [image, state];
}

/** Programs that were read before, by their tensors' data: a sampling calls once a row. */
const programs = new WeakMap<tf.DataId, { program: CausalProgram; weights: number; numbers: number }>();

function known({ program: words, weights }: CausalSamplerInputs, numbers: number, own: Workspace): CausalProgram {
  const size = sizeOf(weights.shape);
  const before = programs.get(words.dataId);
  if (before?.weights === size && before.numbers === numbers) return before.program;
  const program = readProgram(own.backend.readSync(words.dataId) as Int32Array, size, numbers);
  programs.set(words.dataId, { program, weights: size, numbers });
  return program;
}

/** Floats of work space: the columns that one operation reads, of a row or a pixel; or the choices of a draw. */
function spaceOf({ operations, width, choices }: CausalProgram, batch: number): number {
  const needs = operations.map(({ out, byRow, taps }) => {
    const columns = byRow ? width / out.stride : 1;
    return batch * columns * taps.reduce((sum, { value }) => sum + value.channels, 0);
  });
  return Math.max(choices, ...needs);
}

/** The tensor itself if nobody else has its data, else a copy: what a kernel writes over part of. */
function updated(own: Workspace, info: tf.TensorInfo): tf.TensorInfo {
  const out = own.overwrite(info);
  if (out.dataId !== info.dataId) {
    own.run.statesAt!(own.address(info), 0, own.address(out), 0, 1, 1, sizeOf(info.shape));
  }
  return out;
}
