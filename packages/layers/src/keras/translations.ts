import { serialization } from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { Bidirectional, type MergeMode } from '../recurrent/bidirectional.ts';
import { Gru } from '../recurrent/gru-layer.ts';
import { Lstm } from '../recurrent/lstm-layer.ts';
import { isOwnClassName } from '../register.ts';
import { asJson, asText, camel, type Json, short, snake, withKeys } from './json.ts';
import { fromKerasOptions, toKerasOptions } from './options.ts';

/** How a class of layers goes from Keras to tfjs and back. */
export interface Translation {
  /** Its name in Keras, and that of the module. */
  readonly keras: string;
  readonly module: string;
  /** Set for a class that Keras knows only where a program registers it. */
  readonly registeredName?: string;
  /** A layer from the configuration of Keras. @throws RangeError for an option that tfjs has not. */
  make(config: Json): layers.Layer;
  /** The configuration for Keras, without name and trainable. @throws RangeError for an option that Keras has not. */
  config(layer: layers.Layer): Json;
  /** Where an archive keeps each of `layer.weights`, below the path of the layer. */
  paths(layer: layers.Layer): string[];
}

const plainPaths = (layer: layers.Layer): string[] => layer.weights.map((_, i) => `vars/${i}`);

/** A layer of a class that is registered with tfjs. */
function construct(className: string, options: Json): layers.Layer {
  const [cls, fromConfig] = serialization.SerializationMap.getMap().classNameMap[className]!;
  return fromConfig(cls, options as serialization.ConfigDict) as layers.Layer;
}

/** What every layer takes. */
const common = ({ name, trainable }: Json): Json => ({
  ...(typeof name === 'string' ? { name } : {}),
  ...(trainable === false ? { trainable: false } : {}),
});

/** @throws RangeError unless each option has one of the values that tfjs has. */
function demand(who: string, config: Json, allowed: Readonly<Record<string, readonly unknown[]>>): void {
  for (const [key, values] of Object.entries(allowed)) {
    const value = config[key] ?? null;
    if (values.some((one) => short(one) === short(value))) continue;
    throw new RangeError(
      `modelFromKeras: ${who} has ${key} ${short(value)}, this package has ${values.map(short).join(' or ')} alone.`,
    );
  }
}

/** A class of the same name, and whose options have the same names but for their case; `allowed` are those that must have a value. */
function same(
  className: string,
  keys: readonly string[],
  allowed: Readonly<Record<string, readonly unknown[]>> = {},
  paths: (layer: layers.Layer) => string[] = plainPaths,
): Translation {
  return {
    keras: className,
    module: 'keras.layers',
    make(config) {
      const who = `the layer "${config.name}" (${className})`;
      demand(who, config, allowed);
      return construct(className, { ...common(config), ...fromKerasOptions(config, keys, who) });
    },
    config: (layer) => toKerasOptions(layer.getConfig() as Json, keys, `the layer "${layer.name}" (${className})`),
    paths,
  };
}

const DENSE = ['activation', 'useBias', 'kernelInitializer', 'biasInitializer'];
const CONV = ['filters', 'kernelSize', 'strides', 'padding', 'dataFormat', 'dilationRate', ...DENSE];
const POOL = ['poolSize', 'strides', 'padding', 'dataFormat'];
const NORM = ['axis', 'epsilon', 'center', 'scale', 'betaInitializer', 'gammaInitializer'];
const MOVING = ['momentum', 'movingMeanInitializer', 'movingVarianceInitializer'];
const RECURRENT = ['units', 'useBias', 'returnSequences', 'returnState', 'goBackwards', 'recurrentInitializer'];
const RECURRENT_KEYS = [...RECURRENT, 'kernelInitializer', 'biasInitializer'];

/** What `lstm` and `gru` compute, and nothing else. */
const RECURRENT_FORM = {
  activation: ['tanh', null],
  recurrent_activation: ['sigmoid', null],
  dropout: [0, null],
  recurrent_dropout: [0, null],
  stateful: [false, null],
};

/** Our own recurrent layers, whose defaults of Keras tfjs's have not. */
function recurrent(keras: 'LSTM' | 'GRU', own: typeof Lstm | typeof Gru, extra: string): Translation {
  const keys = [...RECURRENT_KEYS, extra];
  return {
    keras,
    module: 'keras.layers',
    make(config) {
      const who = `the layer "${config.name}" (${keras})`;
      demand(who, config, RECURRENT_FORM);
      const zeros = config.zero_output_for_mask === true && config.return_sequences === true;
      if (zeros) demand(`${who} with zero_output_for_mask`, config, { go_backwards: [false, null] });
      const options = fromKerasOptions(config, keys, who);
      return new own({
        ...common(config),
        ...options,
        ...(zeros ? { convention: 'torch' } : {}),
        seed: 0,
      } as never);
    },
    config(layer) {
      const { layers: nets, form, convention, goBackwards } = layer as Lstm;
      const who = `modelToKeras: the layer "${layer.name}"`;
      if (nets !== 1) {
        throw new RangeError(`${who} is a stack of ${nets}, which Keras has not. Put ${nets} layers one on another.`);
      }
      if (form.usePaddingMask) {
        throw new RangeError(`${who} takes its mask as an input. Take that of an embedding with maskZero.`);
      }
      const torch = convention === 'torch' && form.returnSequences;
      if (torch && goBackwards) {
        throw new RangeError(`${who} gives its outputs in the order of PyTorch, which Keras has not. Take "keras".`);
      }
      return {
        ...toKerasOptions(layer.getConfig() as Json, keys, who),
        activation: 'tanh',
        recurrent_activation: 'sigmoid',
        zero_output_for_mask: torch,
      };
    },
    paths: (layer) => layer.weights.map((_, i) => `cell/vars/${i}`),
  };
}

const lstm = recurrent('LSTM', Lstm, 'unitForgetBias');
const gru = recurrent('GRU', Gru, 'resetAfter');

const bidirectional: Translation = {
  keras: 'Bidirectional',
  module: 'keras.layers',
  make(config) {
    const inner = asJson(config.layer, 'the layer of a Bidirectional');
    const className = asText(inner.class_name, 'the class of the layer of a Bidirectional');
    const translation = [lstm, gru].find(({ keras }) => keras === className);
    if (translation === undefined) {
      throw new RangeError(`modelFromKeras: a Bidirectional of LSTM or GRU is known, got one of ${className}.`);
    }
    const forward = asJson(inner.config, 'the configuration of a layer');
    const back = config.backward_layer == null ? undefined : asJson(config.backward_layer, 'backward_layer');
    const backward = back === undefined ? undefined : asJson(back.config, 'the configuration of backward_layer');
    for (const key of ['units', 'use_bias', 'return_sequences', 'reset_after']) {
      if (backward !== undefined)
        demand('the backward_layer of a Bidirectional', backward, { [key]: [forward[key] ?? null] });
    }
    // Outputs of masked steps are 0 in a Bidirectional, which is what its layer is told.
    const layer = translation.make({ ...forward, zero_output_for_mask: false }) as Lstm | Gru;
    const mergeMode = (config.merge_mode ?? 'none') as MergeMode;
    return new Bidirectional({ ...common(config), layer, mergeMode });
  },
  config(layer) {
    const { layer: inner, mergeMode } = layer as Bidirectional;
    const translation = inner instanceof Lstm ? lstm : gru;
    const direction = (prefix: string, goBackwards: boolean): Json => ({
      module: 'keras.layers',
      class_name: translation.keras,
      config: {
        name: `${prefix}_${inner.name}`,
        ...translation.config(inner),
        go_backwards: goBackwards,
        zero_output_for_mask: true,
      },
      registered_name: null,
    });
    return {
      merge_mode: mergeMode === 'none' ? null : mergeMode,
      layer: direction('forward', false),
      backward_layer: direction('backward', true),
    };
  },
  paths(layer) {
    const half = layer.weights.length / 2;
    return layer.weights.map((_, i) => `${i < half ? 'forward' : 'backward'}_layer/cell/vars/${i % half}`);
  },
};

const UNGROUPED = { groups: [1, null] };

/** By the class of tfjs. */
const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  Activation: same('Activation', ['activation']),
  Add: same('Add', []),
  Average: same('Average', []),
  AveragePooling2D: same('AveragePooling2D', POOL),
  BatchNormalization: same('BatchNormalization', [...NORM, ...MOVING]),
  BidirectionalRecurrent: bidirectional,
  Concatenate: same('Concatenate', ['axis']),
  Conv1D: same('Conv1D', CONV, UNGROUPED),
  Conv2D: same('Conv2D', CONV, UNGROUPED),
  Conv2DTranspose: same('Conv2DTranspose', CONV, {
    ...UNGROUPED,
    output_padding: [null],
    dilation_rate: [null, [1, 1], 1],
  }),
  Dense: same('Dense', ['units', ...DENSE]),
  Dropout: same('Dropout', ['rate', 'seed'], { noise_shape: [null] }),
  Embedding: same('Embedding', ['inputDim', 'outputDim', 'embeddingsInitializer', 'maskZero']),
  Flatten: same('Flatten', ['dataFormat']),
  GlobalAveragePooling1D: same('GlobalAveragePooling1D', []),
  GlobalAveragePooling2D: same('GlobalAveragePooling2D', ['dataFormat'], { keepdims: [false, null] }),
  GlobalMaxPooling2D: same('GlobalMaxPooling2D', ['dataFormat'], { keepdims: [false, null] }),
  Gru: gru,
  LayerNormalization: same('LayerNormalization', NORM, { rms_scaling: [false, null] }),
  Lstm: lstm,
  MaxPooling2D: same('MaxPooling2D', POOL),
  Maximum: same('Maximum', []),
  Minimum: same('Minimum', []),
  Multiply: same('Multiply', []),
  Permute: same('Permute', ['dims']),
  RepeatVector: same('RepeatVector', ['n']),
  Reshape: same('Reshape', ['targetShape']),
  UpSampling2D: same('UpSampling2D', ['size', 'dataFormat', 'interpolation']),
  ZeroPadding2D: same('ZeroPadding2D', ['padding', 'dataFormat']),
};

const PACKAGE = 'proj';

/** A layer of this package under a registered name: its options as they are, in the case of Python. */
const registered = (className: string): Translation => ({
  keras: className,
  module: 'proj.layers',
  registeredName: `${PACKAGE}>${className}`,
  make: ({ dtype: _, ...config }) => construct(className, withKeys(config, camel)),
  config: (layer) => {
    const { name: _, trainable: __, dtype: ___, batchInputShape: ____, ...config } = layer.getConfig() as Json;
    return withKeys(config, snake);
  },
  paths: plainPaths,
});

/** The translation of a class of Keras. @throws RangeError with those that there are. */
export function translationFromKeras(className: string, registeredName: unknown): Translation {
  const prefix = `${PACKAGE}>`;
  // A .h5 file has the registered name for the class.
  const own = [registeredName, className].find((name) => typeof name === 'string' && name.startsWith(prefix)) as
    | string
    | undefined;
  if (own !== undefined && isOwnClassName(own.slice(prefix.length))) return registered(own.slice(prefix.length));
  const found = Object.values(TRANSLATIONS).find(({ keras }) => keras === className);
  if (found !== undefined) return found;
  const known = Object.values(TRANSLATIONS).map(({ keras }) => keras);
  throw new RangeError(
    `modelFromKeras: there is no layer "${className}" here. Known are ${known.join(', ')}, Sequential, Functional, and the layers of this package as ${PACKAGE}>NAME.`,
  );
}

/** The translation of a layer of tfjs or of this package. @throws RangeError if there is none. */
export function translationOf(layer: layers.Layer): Translation {
  const className = layer.getClassName();
  const found = TRANSLATIONS[className];
  if (found !== undefined) return found;
  if (isOwnClassName(className)) return registered(className);
  throw new RangeError(
    `modelToKeras: the layer "${layer.name}" is a ${className}, which has no counterpart here. Replace it by one of ${Object.keys(TRANSLATIONS).join(', ')}.`,
  );
}
