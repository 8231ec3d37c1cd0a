import type { ShiftDirection } from '@proj/layers';
import type { CompleteConfig } from './config.ts';

type Stack = 'vertical' | 'horizontal';
const STACKS: readonly Stack[] = ['vertical', 'horizontal'];

/** A layer that has weights, as plain numbers. */
export interface PixelLayer {
  readonly name: string; // stable: checkpoints are keyed by it
  /** 'spread' is a transposed convolution; 'condition' a dense layer of what the image is conditioned on. */
  readonly type: 'conv' | 'spread' | 'condition';
  /** Of its output. */
  readonly height: number;
  readonly width: number;
  /** Rows and columns of the kernel, and where they lie: see `shiftedConv2d` and its transposed form in @proj/layers. */
  readonly taps: readonly [height: number, width: number];
  readonly direction: ShiftDirection;
  readonly shift: readonly [down: number, right: number];
  readonly stride: 1 | 2;
  readonly inputs: number;
  readonly filters: number;
  /** Taps of the kernel that a masked form of the layer stores, dead ones included. */
  readonly fullTaps: number;
}

/** What the network is made of, over whatever stands for a map of features: tensors, or steps of a program. */
export interface Algebra<T> {
  /** The image on [-1, 1]. */
  readonly image: T;
  /** Of the inputs side by side, channel after channel. */
  layer(layer: PixelLayer, ...inputs: T[]): T;
  add(a: T, b: T): T;
  /** The activation between layers; doubles the channels if it is concat_elu. */
  activate(x: T): T;
  elu(x: T): T;
  /** Nothing but in training. */
  dropout(x: T): T;
  /** x + first half * sigmoid(second half) */
  gate(x: T, halves: T): T;
  /** x plus, everywhere, the layer of what the image is conditioned on. */
  condition(layer: PixelLayer, x: T): T;
}

/** A map and its activation, which several layers ask for and is made once, if at all. */
class Feature<T> {
  private made: T | undefined;

  constructor(
    readonly x: T,
    private readonly algebra: Algebra<T>,
  ) {}

  get activated(): T {
    this.made ??= this.algebra.activate(this.x);
    return this.made;
  }
}

/** Numbers that the head puts out for each pixel: K logits, K C locations, K C scales, K C (C - 1) / 2 coefficients. */
export function headSizes({ imageShape, numLogisticMix }: CompleteConfig): [number, number, number, number] {
  const channels = imageShape[2];
  return [1, channels, channels, (channels * (channels - 1)) / 2].map((n) => n * numLogisticMix) as [
    number,
    number,
    number,
    number,
  ];
}

/**
 * The network, from the image to the numbers of `headSizes`: written once, for whatever `algebra` makes of it.
 *
 * Two stacks of maps: what the vertical one holds at (y, x) has seen rows above y alone; the horizontal one, which takes the
 * vertical one's maps, has also seen the pixels of row y left of x. Layers keep this by their offsets, so that no weight is
 * ever masked. On the way up each layer takes the map of its mirror image on the way down.
 * Source: Salimans et al. 2017, arXiv:1701.05517, in the form of TensorFlow Probability 0.2x `PixelCNN`; shifted kernels in
 * place of masked ones.
 */
export function network<T>(config: CompleteConfig, algebra: Algebra<T>): T {
  const { numResnet, numHierarchies } = config;
  const build = new Builder(config, algebra);
  const down: Record<Stack, Feature<T>[]> = build.first();
  for (let level = 0; level < numHierarchies; level++) {
    for (let n = 1; n <= numResnet; n++) {
      const name = `down${level + 1}/resnet${n}`;
      const vertical = build.gated(name, 'vertical', level, down.vertical.at(-1)!, []);
      down.vertical.push(vertical);
      down.horizontal.push(build.gated(name, 'horizontal', level, down.horizontal.at(-1)!, [vertical]));
    }
    if (level === numHierarchies - 1) break;
    for (const stack of STACKS) down[stack].push(build.shrink(stack, level + 1, down[stack].at(-1)!));
  }
  let vertical = down.vertical.pop()!;
  let horizontal = down.horizontal.pop()!;
  for (let level = numHierarchies - 1; level >= 0; level--) {
    const isFirst = level === numHierarchies - 1;
    for (let n = 1; n <= numResnet + (isFirst ? 0 : 1); n++) {
      const name = `up${level + 1}/resnet${n}`;
      vertical = build.gated(name, 'vertical', level, vertical, [down.vertical.pop()!]);
      horizontal = build.gated(name, 'horizontal', level, horizontal, [vertical, down.horizontal.pop()!]);
    }
    if (level === 0) break;
    vertical = build.grow('vertical', level - 1, vertical);
    horizontal = build.grow('horizontal', level - 1, horizontal);
  }
  return build.head(horizontal);
}

/** The layers of one configuration; level 0 is the full resolution. */
class Builder<T> {
  private readonly filters: number;
  /** Channels of an activated map. */
  private readonly activated: number;
  private readonly rows: number;
  private readonly columns: number;

  constructor(
    private readonly config: CompleteConfig,
    private readonly algebra: Algebra<T>,
  ) {
    this.filters = config.numFilters;
    this.activated = config.numFilters * (config.resnetActivation === 'concat_elu' ? 2 : 1);
    [this.rows, this.columns] = config.receptiveFieldDims;
  }

  /** The two maps that see the image: neither sees the pixel itself. */
  first(): Record<Stack, Feature<T>[]> {
    const { rows, columns, algebra } = this;
    const half = (columns - 1) / 2;
    const convolve = (name: string, options: Partial<PixelLayer>) =>
      this.layer([algebra.image], { name: `init/${name}`, inputs: this.config.imageShape[2], ...options });
    const above = convolve('vertical', {
      taps: [rows - 1, columns],
      shift: [1, 0],
      fullTaps: (2 * rows - 1) * columns,
    });
    const rowAbove = convolve('horizontal-up', { taps: [1, columns], shift: [1, 0], fullTaps: 3 * columns });
    const toTheLeft = convolve('horizontal-left', {
      taps: [2, half],
      direction: 'down-right',
      shift: [0, 1],
      fullTaps: 3 * columns,
    });
    return { vertical: [this.feature(above)], horizontal: [this.feature(algebra.add(rowAbove, toTheLeft))] };
  }

  /** x + a sigmoid(b), a and b two convolutions deep; `skips` join between the two. */
  gated(prefix: string, stack: Stack, level: number, input: Feature<T>, skips: Feature<T>[]): Feature<T> {
    const { algebra, filters, activated, config } = this;
    const name = (part: string) => `${prefix}/${stack}/${part}`;
    const kernel = this.kernelOf(stack);
    let x = this.layer([input.activated], { name: name('conv1'), level, ...kernel, inputs: activated });
    if (skips.length > 0) {
      const inputs = skips.length * activated;
      const maps = skips.map((skip) => skip.activated);
      x = algebra.add(x, this.layer(maps, { name: name('skip'), level, inputs }));
    }
    x = algebra.dropout(algebra.activate(x));
    x = this.layer([x], { name: name('conv2'), level, ...kernel, inputs: activated, filters: 2 * filters });
    if (config.conditionalShape) {
      const inputs = config.conditionalShape.reduce((product, n) => product * n, 1);
      const layer = this.spec({ name: name('condition'), type: 'condition', level, inputs, filters: 2 * filters });
      x = algebra.condition(layer, x);
    }
    return this.feature(algebra.gate(input.x, x));
  }

  /** To half the height and width. */
  shrink(stack: Stack, level: number, input: Feature<T>): Feature<T> {
    const { taps, direction } = this.kernelOf(stack);
    const [h, w] = taps;
    const fullTaps = 2 * h * (stack === 'vertical' ? w + 1 : 2 * w);
    const name = `down${level}/shrink/${stack}`;
    return this.feature(this.layer([input.x], { name, level, taps, direction, stride: 2, fullTaps }));
  }

  /** To twice the height and width. */
  grow(stack: Stack, level: number, input: Feature<T>): Feature<T> {
    const { taps, direction } = this.kernelOf(stack);
    const [h, w] = taps;
    const fullTaps = (2 * h - 2) * (stack === 'vertical' ? w + 1 : 2 * w - 2);
    const name = `up${level + 2}/grow/${stack}`;
    return this.feature(this.layer([input.x], { name, type: 'spread', level, taps, direction, stride: 2, fullTaps }));
  }

  head(input: Feature<T>): T {
    const filters = headSizes(this.config).reduce((sum, n) => sum + n);
    return this.layer([this.algebra.elu(input.x)], { name: 'head', filters });
  }

  /** Vertical: the row itself and rows above it, columns to both sides. Horizontal: the row above too, columns to the left. */
  private kernelOf(stack: Stack): Pick<PixelLayer, 'taps' | 'direction' | 'fullTaps'> {
    const { rows, columns } = this;
    const half = (columns - 1) / 2;
    return stack === 'vertical'
      ? { taps: [rows - 1, columns], direction: 'down', fullTaps: (2 * rows - 3) * columns }
      : { taps: [2, half + 1], direction: 'down-right', fullTaps: 3 * columns };
  }

  private feature(x: T): Feature<T> {
    return new Feature(x, this.algebra);
  }

  private layer(inputs: T[], spec: LayerOptions): T {
    return this.algebra.layer(this.spec(spec), ...inputs);
  }

  /** A convolution from F to F channels, of one tap, unless said otherwise. */
  private spec({ level = 0, ...own }: LayerOptions): PixelLayer {
    const [height, width] = this.config.imageShape;
    return {
      type: 'conv',
      height: height / 2 ** level,
      width: width / 2 ** level,
      ...{ taps: [1, 1], direction: 'down', shift: [0, 0], stride: 1, fullTaps: 1 },
      ...{ inputs: this.filters, filters: this.filters },
      ...own,
    };
  }
}

type LayerOptions = Partial<PixelLayer> & { readonly name: string; readonly level?: number };
