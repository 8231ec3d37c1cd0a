import { checkImageShape, checkOneOf, checkPositiveInteger, checkSeed, type ImageShape } from '../internal/check.ts';

export type ResnetActivation = 'concat_elu' | 'elu' | 'relu';

/** The defaults are those of TensorFlow Probability. */
export interface PixelCnnPlusPlusConfig {
  /** Height and width are multiples of 2^(numHierarchies - 1). */
  imageShape?: ImageShape;
  /** Shape of what an image is conditioned on, such as [10] for a class, one-hot; none if omitted. */
  conditionalShape?: readonly number[];
  /** Gated layers of each hierarchy and stack; on the way up the hierarchies after the first have one more. */
  numResnet?: number;
  /** Resolutions: each has half the height and width of the one before. */
  numHierarchies?: number;
  /** F, channels of the two stacks. */
  numFilters?: number;
  /** K, components of the mixture. */
  numLogisticMix?: number;
  /** Rows, from 3, counted upwards with the pixel's own; columns, odd and from 3, around it. */
  receptiveFieldDims?: readonly [rows: number, columns: number];
  /** Share of the activations that training sets to 0, in [0, 1). */
  dropout?: number;
  resnetActivation?: ResnetActivation;
  /** Kernels are g v / ||v||, a length and a direction for every filter. */
  useWeightNorm?: boolean;
  /** Whether `initialize` fits g and the biases to a batch; of no effect without weight normalisation. */
  useDataInit?: boolean;
  /** Greatest and least level of a pixel, integers. */
  high?: number;
  low?: number;
  /** Decay of the running averages of the weights, in [0, 1); with 0 there are none. */
  averageDecay?: number;
  /** Of the first weights. */
  seed?: number;
}

export type CompleteConfig = Readonly<Required<Omit<PixelCnnPlusPlusConfig, 'conditionalShape'>>> & {
  readonly conditionalShape: readonly number[] | undefined;
};

const WHO = 'PixelCnnPlusPlus';

/** @throws RangeError if a value does not fit. */
export function complete({
  imageShape = [32, 32, 1],
  conditionalShape,
  numResnet = 5,
  numHierarchies = 3,
  numFilters = 160,
  numLogisticMix = 10,
  receptiveFieldDims = [3, 3],
  dropout = 0.5,
  resnetActivation = 'concat_elu',
  useWeightNorm = true,
  useDataInit = true,
  high = 255,
  low = 0,
  averageDecay = 0.9995,
  seed = 0,
}: PixelCnnPlusPlusConfig): CompleteConfig {
  checkImageShape(WHO, imageShape);
  for (const [name, value] of Object.entries({ numResnet, numHierarchies, numFilters, numLogisticMix })) {
    checkPositiveInteger(WHO, name, value);
  }
  checkOneOf(WHO, 'resnetActivation', resnetActivation, ['concat_elu', 'elu', 'relu']);
  checkSeed(WHO, seed);
  checkShare('dropout', dropout, 'Omit it to use 0.5.');
  checkShare('averageDecay', averageDecay, 'Use 0 for no averages.');
  const [height, width] = imageShape;
  const multiple = 2 ** (numHierarchies - 1);
  if (height % multiple !== 0 || width % multiple !== 0) {
    throw new RangeError(
      `${WHO}: height and width must be multiples of ${multiple} for ${numHierarchies} hierarchies, got ${height} x ${width}. ` +
        `Use fewer hierarchies, or resize to ${roundUp(height, multiple)} x ${roundUp(width, multiple)}.`,
    );
  }
  const [rows, columns] = receptiveFieldDims;
  const sized = Number.isSafeInteger(rows) && rows >= 3 && Number.isSafeInteger(columns) && columns >= 3;
  if (receptiveFieldDims.length !== 2 || !sized || columns % 2 === 0) {
    throw new RangeError(
      `${WHO}: receptiveFieldDims must be [rows, columns], both 3 or more, columns odd, got [${receptiveFieldDims.join(', ')}]. ` +
        'Omit it to use [3, 3].',
    );
  }
  if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high) && low < high)) {
    throw new RangeError(
      `${WHO}: low and high must be integers, low below high, got ${low} and ${high}. Use 0 and 255 for bytes.`,
    );
  }
  if (conditionalShape !== undefined && !conditionalShape.every((n) => Number.isSafeInteger(n) && n > 0)) {
    throw new RangeError(
      `${WHO}: conditionalShape must hold positive integers, got [${conditionalShape.join(', ')}]. ` +
        'Leave the batch axes out; [] is one number an image.',
    );
  }
  return {
    imageShape: [...imageShape],
    conditionalShape: conditionalShape && [...conditionalShape],
    numResnet,
    numHierarchies,
    numFilters,
    numLogisticMix,
    receptiveFieldDims: [rows, columns],
    dropout,
    resnetActivation,
    useWeightNorm,
    useDataInit,
    high,
    low,
    averageDecay,
    seed,
  };
}

function checkShare(name: string, value: number, hint: string): void {
  if (!(value >= 0 && value < 1)) throw new RangeError(`${WHO}: ${name} must be in [0, 1), got ${value}. ${hint}`);
}

const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;
