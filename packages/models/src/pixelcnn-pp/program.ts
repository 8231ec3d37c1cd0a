import { type CausalProgram, CausalProgramBuilder, type Value } from '../internal/causal-program.ts';
import type { CompleteConfig } from './config.ts';
import { type Algebra, network, type PixelLayer } from './network.ts';

/** A layer's numbers on the host. */
export interface HostKernel {
  /** As in `kernelShape`. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** Writes the network down for the kernel ProjCausalSampler; its constants are what the layers of the condition put out, side by side. */
export function programOf(config: CompleteConfig, kernels: Readonly<Record<string, HostKernel>>): CausalProgram {
  const writer = new Writer(config, kernels);
  return writer.builder.logistics(network(config, writer), config.numLogisticMix);
}

class Writer implements Algebra<Value> {
  readonly builder: CausalProgramBuilder;
  readonly image: Value;
  private constants = 0;

  constructor(
    private readonly config: CompleteConfig,
    private readonly kernels: Readonly<Record<string, HostKernel>>,
  ) {
    this.builder = new CausalProgramBuilder(config.imageShape);
    this.image = this.builder.image;
  }

  /** An input after the other, each with its rows of the kernel: of maps that are known a row at a time so much is done at once. */
  layer(layer: PixelLayer, first: Value, ...others: Value[]): Value {
    const { taps, direction, shift, stride, type, filters } = layer;
    const { kernel, bias } = this.kernels[layer.name]!;
    const [height, width] = taps;
    const across = direction === 'down' ? (width - 1) / 2 : width - 1;
    if (type === 'spread') {
      const shape = [...taps, first.channels, filters];
      const origin = [0, direction === 'down' ? across : 0] as const;
      return this.builder.convTransposed(first, {
        kernel: swapped(kernel, shape),
        shape,
        origin,
        bias,
        factor: stride,
      });
    }
    const origin = [height - 1 + shift[0], across + shift[1]] as const;
    let out: Value | undefined;
    let done = 0; // numbers of the kernel; where there are several inputs it has one tap
    for (const input of [first, ...others]) {
      const shape = [...taps, input.channels, filters];
      const size = height * width * input.channels * filters;
      const part = kernel.subarray(done, done + size);
      done += size;
      out = this.builder.conv(input, { kernel: part, shape, origin, stride, ...(out ? { plus: out } : { bias }) });
    }
    return out!;
  }

  add(a: Value, b: Value): Value {
    return this.builder.add(a, b);
  }

  activate(x: Value): Value {
    const { resnetActivation } = this.config;
    if (resnetActivation === 'concat_elu') return this.builder.concatElu(x);
    return resnetActivation === 'elu' ? this.builder.elu(x) : this.builder.relu(x);
  }

  elu(x: Value): Value {
    return this.builder.elu(x);
  }

  dropout(x: Value): Value {
    return x;
  }

  gate(x: Value, halves: Value): Value {
    return this.builder.gate(x, halves);
  }

  condition(layer: PixelLayer, x: Value): Value {
    const from = this.constants;
    this.constants += layer.filters;
    return this.builder.addConstants(x, from);
  }
}

/** [h, w, out, in], as a transposed convolution has it, as [h, w, in, out]: `shape`. */
function swapped(kernel: Float32Array, [height, width, inputs, outputs]: readonly number[]): Float32Array {
  const turned = new Float32Array(kernel.length);
  for (let tap = 0; tap < height! * width!; tap++) {
    const at = tap * inputs! * outputs!;
    for (let i = 0; i < inputs!; i++) {
      for (let o = 0; o < outputs!; o++) turned[at + i * outputs! + o] = kernel[at + o * inputs! + i]!;
    }
  }
  return turned;
}
