import { countLive, type MaskType, maskedConv2d, shiftedConv2d } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';

/** A convolution of the network, bias and all. */
export interface ConvSpec {
  readonly name: string;
  /** [kh, kw, in, out] */
  readonly kernel: readonly [number, number, number, number];
  /** `maskType`: see `maskedConv2d`; or rows above the pixel's own, and that one too unless `above`. */
  readonly view: { readonly maskType: MaskType; readonly colours: number } | { readonly above: boolean };
  readonly relu: boolean;
  /** Whether each class adds a bias of its own. */
  readonly classes: boolean;
}

export interface NetworkSizes {
  readonly channels: number;
  readonly levels: number;
  readonly filters: number;
  readonly residualBlocks: number;
  readonly stacks: 'single' | 'vertical-horizontal';
  /** 0: none. */
  readonly classes: number;
}

/** What a network is made of: tensors, or the operations of a program for the cached sampler. */
export interface Maps<T> {
  /** relu, if the spec says so, of the convolution plus its bias, its class's bias and `plus`. */
  conv(x: T, spec: ConvSpec, plus?: T): T;
  add(x: T, y: T): T;
}

export interface Network {
  readonly specs: readonly ConvSpec[];
  /** Scaled levels [B, H, W, C] -> logits [B, H, W, C levels], the levels of the first channel first. */
  run<T>(maps: Maps<T>, image: T): T;
}

/** 7 x 7 without its centre, residual blocks of 1 x 1, 3 x 3 and 1 x 1, two 1 x 1 and the logits. */
function single(sizes: NetworkSizes): Network {
  const { channels, levels, filters, residualBlocks } = sizes;
  const half = filters / 2;
  const masked = (name: string, size: number, inputs: number, outputs: number, maskType: MaskType = 'B'): ConvSpec => ({
    ...{ name, kernel: [size, size, inputs, outputs], view: { maskType, colours: channels } },
    ...{ relu: true, classes: false },
  });
  const classes = sizes.classes > 0;
  const first: ConvSpec = { ...masked('first', 7, channels, filters, 'A'), classes };
  const blocks = Array.from({ length: residualBlocks }, (_, i) => ({
    reduce: masked(`block${i + 1}/reduce`, 1, filters, half),
    middle: { ...masked(`block${i + 1}/middle`, 3, half, half), classes },
    expand: masked(`block${i + 1}/expand`, 1, half, filters),
  }));
  const tail = [1, 2].map((i) => masked(`tail${i}`, 1, filters, filters));
  const logits = { ...masked('logits', 1, filters, channels * levels), relu: false };
  return {
    specs: [first, ...blocks.flatMap(({ reduce, middle, expand }) => [reduce, middle, expand]), ...tail, logits],
    run(maps, image) {
      let h = maps.conv(image, first);
      for (const { reduce, middle, expand } of blocks) {
        h = maps.add(h, maps.conv(maps.conv(maps.conv(h, reduce), middle), expand));
      }
      for (const spec of tail) h = maps.conv(h, spec);
      return maps.conv(h, logits);
    },
  };
}

/**
 * The same with two stacks: one sees all rows above, as wide to the right as to the left, the other the pixel's own row to the
 * left, and in each block what the first one found. So no pixel above stays out of sight.
 * Source: van den Oord et al. 2016, arXiv:1606.05328, section 2.3; with relu in place of their gates.
 */
function verticalHorizontal(sizes: NetworkSizes): Network {
  const { channels, levels, filters, residualBlocks } = sizes;
  const half = filters / 2;
  const classes = sizes.classes > 0;
  const rows = (
    name: string,
    size: readonly [number, number],
    inputs: number,
    outputs: number,
    above: boolean,
  ): ConvSpec => ({
    ...{ name, kernel: [...size, inputs, outputs], view: { above }, relu: true, classes: false },
  });
  const across = (
    name: string,
    width: number,
    inputs: number,
    outputs: number,
    maskType: MaskType = 'B',
  ): ConvSpec => ({
    ...{ name, kernel: [1, width, inputs, outputs], view: { maskType, colours: channels } },
    ...{ relu: true, classes: false },
  });
  /** From the vertical stack, in which channels have no order, into the horizontal one. */
  const link = (name: string, inputs: number, outputs: number): ConvSpec => ({
    ...across(name, 1, inputs, outputs),
    ...{ view: { maskType: 'B', colours: 1 }, relu: false },
  });
  const firstRows = { ...rows('vertical/first', [3, 7], channels, filters, true), classes };
  const firstLink = link('link/first', filters, filters);
  const firstAcross = across('horizontal/first', 7, channels, filters, 'A');
  const blocks = Array.from({ length: residualBlocks }, (_, i) => ({
    reduceRows: rows(`vertical/block${i + 1}/reduce`, [1, 1], filters, half, false),
    middleRows: { ...rows(`vertical/block${i + 1}/middle`, [2, 3], half, half, false), classes },
    expandRows: rows(`vertical/block${i + 1}/expand`, [1, 1], half, filters, false),
    reduce: across(`horizontal/block${i + 1}/reduce`, 1, filters, half),
    link: link(`link/block${i + 1}`, half, half),
    middle: { ...across(`horizontal/block${i + 1}/middle`, 3, half, half), classes },
    expand: across(`horizontal/block${i + 1}/expand`, 1, half, filters),
  }));
  const tail = [1, 2].map((i) => across(`tail${i}`, 1, filters, filters));
  const logits = { ...across('logits', 1, filters, channels * levels), relu: false };
  return {
    specs: [firstRows, firstLink, firstAcross, ...blocks.flatMap((block) => Object.values(block)), ...tail, logits],
    run(maps, image) {
      let v = maps.conv(image, firstRows);
      let h = maps.conv(image, firstAcross, maps.conv(v, firstLink));
      for (const block of blocks) {
        const seen = maps.conv(maps.conv(v, block.reduceRows), block.middleRows);
        const own = maps.conv(maps.conv(h, block.reduce), block.middle, maps.conv(seen, block.link));
        v = maps.add(v, maps.conv(seen, block.expandRows));
        h = maps.add(h, maps.conv(own, block.expand));
      }
      for (const spec of tail) h = maps.conv(h, spec);
      return maps.conv(h, logits);
    },
  };
}

export const network = (sizes: NetworkSizes): Network =>
  sizes.stacks === 'single' ? single(sizes) : verticalHorizontal(sizes);

/** Numbers of the kernel that can matter. */
export function liveTaps({ kernel: [height, width, inputs, outputs], view }: ConvSpec): number {
  if ('above' in view) return height * width * inputs * outputs;
  return countLive({ ...view, kernelSize: [height, width] }, inputs, outputs);
}

/** The tap that stands on the pixel itself, [row, column]; the row may lie below the kernel. */
export const origin = ({ kernel: [height, width], view }: ConvSpec): [number, number] =>
  'above' in view ? [view.above ? height : height - 1, (width - 1) / 2] : [(height - 1) / 2, (width - 1) / 2];

/** The network of tensors: kernels and biases by `NAME/kernel`, `NAME/bias`; class biases [B, 1, 1, out] by name. */
export function tensorMaps(
  weights: Readonly<Record<string, tf.Tensor>>,
  classBias: (spec: ConvSpec) => tf.Tensor | undefined,
): Maps<tf.Tensor4D> {
  return {
    conv(x, spec, plus) {
      const kernel = weights[`${spec.name}/kernel`]!;
      const bias = weights[`${spec.name}/bias`]!;
      let y: tf.Tensor4D =
        'above' in spec.view
          ? shiftedConv2d(x, kernel, bias, { direction: 'down', shift: [spec.view.above ? 1 : 0, 0] })
          : maskedConv2d(x, kernel, bias, spec.view);
      const ofClass = spec.classes ? classBias(spec) : undefined;
      if (ofClass) y = tf.add(y, ofClass);
      if (plus) y = tf.add(y, plus);
      return spec.relu ? tf.relu(y) : y;
    },
    add: (x, y) => tf.add(x, y),
  };
}
