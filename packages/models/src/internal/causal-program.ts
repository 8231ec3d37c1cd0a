import { checkPositiveInteger, type ImageShape } from './check.ts';

// Builds the program that the kernel ProjCausalSampler runs: see FusedKernels of @proj/layers for its words.

const KIND = { matrix: 0, relu: 1, elu: 2, concatElu: 3, add: 4, gate: 5, concat: 6, constants: 7 } as const;
const ACTIVATION = { none: 0, relu: 1, elu: 2 } as const;
const PANEL = 8;

/** A feature map of the network: `channels` numbers at every pixel of a grid `stride` times coarser than the image. */
export interface Value {
  readonly index: number;
  readonly channels: number;
  readonly stride: number;
  /** Whether a whole row of it is known before the row's first pixel is drawn. */
  readonly byRow: boolean;
}

/** A convolution's weights: kernel [kh, kw, in, out], and the tap [row, column] of it that stands on the output's own pixel. */
export interface ConvOptions {
  kernel: ArrayLike<number>;
  shape: readonly number[];
  origin: readonly [row: number, column: number];
  /** [out] */
  bias?: ArrayLike<number>;
  activation?: keyof typeof ACTIVATION;
  /** A value of the output's shape that is added before the activation. */
  plus?: Value;
}

/** A network as the kernel takes it. */
export interface CausalProgram {
  readonly words: Int32Array;
  readonly weights: Float32Array;
  /** Floats of state an image. */
  readonly stateSize: number;
  readonly imageShape: ImageShape;
  /** D, numbers of noise a pixel. */
  readonly noise: number;
}

interface Tap {
  value: Value;
  dy: number;
  dx: number;
  /** Where its rows of weights begin in the kernel. */
  from: number;
}

interface Operation extends Places {
  kind: number;
  out: Value;
  a: Value | undefined;
  b: Value | undefined;
  activation: number;
  weights: number;
  bias: number;
  taps: readonly Tap[];
}

/** Writes down a causal network, layer by layer. Every method returns the map that it adds. */
export class CausalProgramBuilder {
  /** The image as the network sees it. */
  readonly image: Value;
  private readonly values: Value[] = [];
  private readonly operations: Operation[] = [];
  private readonly weights: Float32Array[] = [];
  private weightCount = 0;

  /** `passes`: how often the network runs for one pixel; with more than one, layers may see the pixel's own channels. */
  constructor(
    private readonly imageShape: ImageShape,
    private readonly passes = 1,
  ) {
    this.image = this.value(imageShape[2], 1, false);
  }

  /**
   * A convolution, zero-padded; with `stride` 2 its output has every second row and column. Taps whose weights are all 0 are
   * left out: a mask is a kernel with zeros.
   *
   * @throws RangeError if a tap sees what is not drawn yet.
   */
  conv(input: Value, { stride = 1, ...options }: ConvOptions & { stride?: number }): Value {
    const { shape, origin } = options;
    const taps = liveTaps(options).map(([ky, kx, from]) => ({
      value: input,
      dy: ky - origin[0],
      dx: kx - origin[1],
      from,
    }));
    const coarse = input.stride * stride;
    const out = this.value(shape[3]!, coarse, taps.every(isEarly) && (options.plus?.byRow ?? true));
    this.product(out, taps, options, everywhere(coarse));
    return out;
  }

  /**
   * A transposed convolution of stride `factor`: output (y, x) sees input ((y + oy - ky) / factor, (x + ox - kx) / factor)
   * through tap (ky, kx) of kernel [kh, kw, in, out] where both divide, (oy, ox) the origin. Zero outside.
   *
   * @throws RangeError as `conv`.
   */
  convTransposed(input: Value, { factor, ...options }: ConvOptions & { factor: number }): Value {
    checkPositiveInteger('CausalProgramBuilder', 'factor', factor);
    const { shape, origin } = options;
    const stride = input.stride / factor;
    const live = liveTaps(options);
    const phases = Array.from({ length: factor * factor }, (_, i) => [Math.floor(i / factor), i % factor] as const);
    const parts = phases.map(([py, px]) => ({
      places: { modulus: input.stride, phase: [py * stride, px * stride] as const },
      taps: live
        .filter(([ky, kx]) => (py + origin[0] - ky) % factor === 0 && (px + origin[1] - kx) % factor === 0)
        .map(([ky, kx, from]) => ({
          value: input,
          dy: (py + origin[0] - ky) / factor,
          dx: (px + origin[1] - kx) / factor,
          from,
        })),
    }));
    const early = parts.every(({ taps }) => taps.every(isEarly)) && (options.plus?.byRow ?? true);
    const out = this.value(shape[3]!, stride, early);
    for (const { places, taps } of parts) this.product(out, taps, options, places);
    return out;
  }

  /** [.., C] -> [.., out]: kernel [C, out]. */
  dense(input: Value, options: Omit<ConvOptions, 'origin'>): Value {
    return this.conv(input, { ...options, shape: [1, 1, ...options.shape], origin: [0, 0] });
  }

  relu(x: Value): Value {
    return this.elementwise(KIND.relu, x.channels, x);
  }

  elu(x: Value): Value {
    return this.elementwise(KIND.elu, x.channels, x);
  }

  /** elu of [x, -x]: twice the channels. */
  concatElu(x: Value): Value {
    return this.elementwise(KIND.concatElu, 2 * x.channels, x);
  }

  add(x: Value, y: Value): Value {
    return this.elementwise(KIND.add, x.channels, x, y);
  }

  /** x + first half of g times the sigmoid of its second half; without x the product alone. */
  gate(x: Value | undefined, g: Value): Value {
    return this.elementwise(KIND.gate, g.channels / 2, x, g);
  }

  /** Channels of x, then those of y. */
  concat(x: Value, y: Value): Value {
    return this.elementwise(KIND.concat, x.channels + y.channels, x, y);
  }

  /** x plus numbers [from, from + channels) of the image's constants, at every pixel. */
  addConstants(x: Value, from: number): Value {
    return this.elementwise(KIND.constants, x.channels, x, undefined, from);
  }

  /** For logits [.., C levels], the levels of channel 0 first. */
  softmax(logits: Value, levels: number): CausalProgram {
    const channels = this.imageShape[2];
    return this.build(0, logits, levels, channels, channels * levels);
  }

  /** For parameters [.., K + 2 K C + K C (C - 1) / 2] of a mixture of K logistics. */
  logistics(parameters: Value, components: number): CausalProgram {
    const channels = this.imageShape[2];
    const each = 1 + 2 * channels + (channels * (channels - 1)) / 2;
    return this.build(1, parameters, components, 1 + channels, components * each);
  }

  private value(channels: number, stride: number, byRow: boolean): Value {
    checkPositiveInteger('CausalProgramBuilder', 'channels', channels);
    const [height, width] = this.imageShape;
    if (!(Number.isInteger(stride) && stride > 0 && height % stride === 0 && width % stride === 0)) {
      throw new RangeError(
        `CausalProgramBuilder: height and width must be multiples of the stride, got ${height}, ${width} and ${stride}.`,
      );
    }
    const value = { index: this.values.length, channels, stride, byRow };
    this.values.push(value);
    return value;
  }

  private elementwise(kind: number, channels: number, a?: Value, b?: Value, weights = -1): Value {
    const inputs = [a, b].filter((v) => v !== undefined);
    const { stride } = inputs[0]!;
    const alike = kind === KIND.add || (kind === KIND.gate && a !== undefined);
    if (inputs.some((v) => v.stride !== stride) || (alike && a!.channels !== channels)) {
      const got = inputs.map((v) => `${v.channels} channels at stride ${v.stride}`).join(' and ');
      throw new RangeError(`CausalProgramBuilder: maps that do not fit: ${got}.`);
    }
    const out = this.value(
      channels,
      stride,
      inputs.every((v) => v.byRow),
    );
    this.operations.push({ kind, out, a, b, activation: 0, weights, bias: -1, taps: [], ...everywhere(stride) });
    return out;
  }

  /**
   * One matrix operation; or two, where some taps are known before the row begins: a row of those at once reads the
   * weights once, and pixels add the rest.
   */
  private product(out: Value, taps: readonly Tap[], options: ConvOptions, places: Places): void {
    const { shape, bias, activation = 'none', plus } = options;
    const [inputs, outputs] = [shape[2]!, shape[3]!];
    if (plus !== undefined && (plus.channels !== outputs || plus.stride !== out.stride)) {
      throw new RangeError(
        `CausalProgramBuilder: plus must have ${outputs} channels at stride ${out.stride}, got ${plus.channels} at ${plus.stride}.`,
      );
    }
    for (const { value, dy, dx } of taps) {
      if (value.channels !== inputs) {
        throw new RangeError(`CausalProgramBuilder: a kernel of ${inputs} inputs on a map of ${value.channels}.`);
      }
      const own = value === this.image && this.passes === 1 ? -1 : 0; // the pixel itself is not drawn yet
      if (dy > 0 || (!value.byRow && dy === 0 && dx > own)) {
        throw new RangeError(
          `CausalProgramBuilder: tap (${dy}, ${dx}) sees pixels that are not drawn yet. Mask the kernel first.`,
        );
      }
    }
    const early = out.byRow ? [] : taps.filter(isEarly);
    if (early.length === 0 || early.length === taps.length) {
      this.matrix(out, taps, options, places, { bias, activation, plus });
      return;
    }
    const partial = this.value(outputs, out.stride, true);
    const late = taps.filter((tap) => !isEarly(tap));
    if (plus === undefined || plus.byRow) {
      this.matrix(partial, early, options, places, { bias, plus });
      this.matrix(out, late, options, places, { activation, plus: partial });
    } else {
      this.matrix(partial, early, options, places, { bias });
      this.matrix(out, late, options, places, { activation, plus: this.add(plus, partial) });
    }
  }

  private matrix(
    out: Value,
    taps: readonly Tap[],
    { kernel, shape }: ConvOptions,
    places: Places,
    { bias, activation = 'none', plus }: Partial<Pick<ConvOptions, 'bias' | 'activation' | 'plus'>>,
  ): void {
    const weights = this.place(packed(kernel, taps, shape[2]!, out.channels));
    const biasAt = bias === undefined ? -1 : this.place(Float32Array.from(bias));
    this.operations.push({
      ...{ kind: KIND.matrix, out, a: plus, b: undefined, activation: ACTIVATION[activation] },
      ...{ weights, bias: biasAt, taps, ...places },
    });
  }

  /** Where numbers begin among the weights. */
  private place(numbers: Float32Array): number {
    const at = this.weightCount;
    this.weights.push(numbers);
    this.weightCount += numbers.length;
    return at;
  }

  private build(head: number, read: Value, choices: number, noise: number, channels: number): CausalProgram {
    if (read.channels !== channels || read.stride !== 1) {
      throw new RangeError(
        `CausalProgramBuilder: the head reads ${channels} channels at every pixel, got ${read.channels} at stride ${read.stride}.`,
      );
    }
    const rows = this.rowsKept();
    const [height, width, imageChannels] = this.imageShape;
    let stateSize = 0;
    const values = this.values.flatMap((value, i) => {
      const at = stateSize;
      stateSize += Math.max(1, rows[i]! * (width / value.stride)) * value.channels;
      return [value.channels, value.stride, rows[i]!, at];
    });
    const taps: number[] = [];
    const operations = this.operations.flatMap((o) => {
      const firstTap = taps.length / 3;
      for (const { value, dy, dx } of o.taps) taps.push(value.index, dy, dx);
      const b = o.kind === KIND.matrix ? o.activation : (o.b?.index ?? -1);
      const places = [o.modulus, ...o.phase];
      return [
        o.kind,
        o.out.index,
        o.a?.index ?? -1,
        b,
        +o.out.byRow,
        ...places,
        o.weights,
        o.bias,
        firstTap,
        o.taps.length,
      ];
    });
    const header = [height, width, imageChannels, this.passes, noise, head, read.index, choices];
    const counts = [this.values.length, this.operations.length, taps.length / 3, stateSize];
    return {
      words: Int32Array.from([...header, ...counts, ...values, ...operations, ...taps]),
      weights: joined(this.weights, this.weightCount),
      stateSize,
      imageShape: this.imageShape,
      noise,
    };
  }

  /** How many rows of each value some operation still reads; 0 if the latest column alone. */
  private rowsKept(): number[] {
    const rows = this.values.map(({ byRow }) => Number(byRow));
    const read = ({ index, stride }: Value, out: Value, dy: number, dx: number) => {
      const ownColumn = dy === 0 && dx === 0 && stride === out.stride && !out.byRow;
      if (!ownColumn) rows[index] = Math.max(rows[index]!, 1 - dy);
    };
    for (const { out, a, b, taps } of this.operations) {
      for (const value of [a, b]) if (value !== undefined) read(value, out, 0, 0);
      for (const { value, dy, dx } of taps) read(value, out, dy, dx);
    }
    return rows;
  }
}

/** Pixels (y, x) at which an operation runs: those whose coordinates have these remainders. */
interface Places {
  modulus: number;
  phase: readonly [y: number, x: number];
}

/** The taps' rows of a kernel below each other, as panels of 8 columns: [ceil(outputs / 8), rows, 8], zeros at the end. */
function packed(kernel: ArrayLike<number>, taps: readonly Tap[], inputs: number, outputs: number): Float32Array {
  const panels = Math.ceil(outputs / PANEL);
  const out = new Float32Array(panels * PANEL * inputs * taps.length);
  let to = 0;
  for (let first = 0; first < outputs; first += PANEL) {
    const width = Math.min(PANEL, outputs - first);
    for (const { from } of taps) {
      for (let at = from + first; at < from + inputs * outputs; at += outputs, to += PANEL) {
        for (let j = 0; j < width; j++) out[to + j] = kernel[at + j]!;
      }
    }
  }
  return out;
}

function joined(parts: readonly Float32Array[], size: number): Float32Array {
  const out = new Float32Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const everywhere = (stride: number): Places => ({ modulus: stride, phase: [0, 0] });

/** Known before the row of the output begins. */
const isEarly = ({ value, dy }: Tap): boolean => value.byRow || dy < 0;

/** [ky, kx, where its weights begin] of every tap that has a weight other than 0. */
function liveTaps({ kernel, shape }: ConvOptions): [number, number, number][] {
  const [height, width, inputs, outputs] = shape as [number, number, number, number];
  if (kernel.length !== height * width * inputs * outputs) {
    throw new RangeError(
      `CausalProgramBuilder: kernel must have ${height * width * inputs * outputs} weights for [${shape.join(', ')}], got ${kernel.length}.`,
    );
  }
  const size = inputs * outputs;
  const taps = Array.from({ length: height * width }, (_, i) => [Math.floor(i / width), i % width, i * size] as const);
  const isLive = (from: number) => {
    for (let i = from; i < from + size; i++) if (kernel[i] !== 0) return true;
    return false;
  };
  return taps.filter(([, , from]) => isLive(from)).map(([ky, kx, from]) => [ky, kx, from]);
}
