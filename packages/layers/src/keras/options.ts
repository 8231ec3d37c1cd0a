import { camel, isJson, type Json, short, snake, withKeys } from './json.ts';

/** Activations by their names in Keras; those of tfjs that compute something else are not among them. */
const ACTIVATIONS: Record<string, string> = {
  linear: 'linear',
  relu: 'relu',
  relu6: 'relu6',
  elu: 'elu',
  selu: 'selu',
  sigmoid: 'sigmoid',
  softmax: 'softmax',
  log_softmax: 'logSoftmax',
  softplus: 'softplus',
  softsign: 'softsign',
  tanh: 'tanh',
  silu: 'swish',
  swish: 'swish',
  gelu: 'gelu',
  mish: 'mish',
};

/** Initialisers that tfjs calls something else. */
const INITIALIZERS: Record<string, string> = { LecunNormal: 'LeCunNormal', LecunUniform: 'LeCunUniform' };
const KNOWN_INITIALIZERS = new Set(
  'Zeros Ones Constant RandomUniform RandomNormal TruncatedNormal Identity VarianceScaling GlorotUniform GlorotNormal HeNormal HeUniform LeCunNormal LeCunUniform Orthogonal'.split(
    ' ',
  ),
);

/** The options `keys` of a Keras layer as tfjs takes them; those that are absent or null are left out. */
export function fromKerasOptions(config: Json, keys: readonly string[], who: string): Json {
  const options: Json = {};
  for (const key of keys) {
    const value = config[snake(key)];
    if (value === null || value === undefined) continue;
    if (/activation$/i.test(key)) options[key] = fromActivation(value, who);
    else if (/Initializer$/.test(key)) {
      const initializer = fromInitializer(value);
      if (initializer !== undefined) options[key] = initializer;
    } else options[key] = key === 'dataFormat' ? camel(String(value)) : value;
  }
  return options;
}

/** The same options of a tfjs layer, for Keras. */
export function toKerasOptions(config: Json, keys: readonly string[], who: string): Json {
  const options: Json = {};
  for (const key of keys) {
    const value = config[key];
    if (value === null || value === undefined) continue;
    if (/activation$/i.test(key)) options[snake(key)] = toActivation(value, who);
    else if (/Initializer$/.test(key)) options[snake(key)] = toInitializer(value);
    else options[snake(key)] = key === 'dataFormat' ? snake(String(value)) : value;
  }
  return options;
}

function fromActivation(value: unknown, who: string): string {
  const name = isJson(value) ? (isJson(value.config) ? value.config.name : value.config) : value;
  const known = typeof name === 'string' ? ACTIVATIONS[name] : undefined;
  if (known !== undefined) return known;
  throw new RangeError(
    `modelFromKeras: ${who} has the activation ${short(name)}, expected one of ${Object.keys(ACTIVATIONS).join(', ')}.`,
  );
}

function toActivation(value: unknown, who: string): string {
  const entry = Object.entries(ACTIVATIONS).find(([, name]) => name === value);
  if (entry !== undefined) return entry[0];
  throw new RangeError(
    `modelToKeras: ${who} has the activation ${short(value)}, which Keras computes otherwise or has not. Take one of ${Object.keys(ACTIVATIONS).join(', ')}.`,
  );
}

/** Undefined for one that tfjs has not: the weights come from the file. */
function fromInitializer(value: unknown): Json | undefined {
  const [className, config] = isJson(value) ? [value.class_name, value.config] : [value, {}];
  if (typeof className !== 'string' || !isJson(config)) return undefined;
  const name = INITIALIZERS[className] ?? (isJson(value) ? className : pascal(className));
  // tfjs's orthogonal one fails without the chained operations, which programs may not have.
  if (!KNOWN_INITIALIZERS.has(name) || name === 'Orthogonal') return undefined;
  const given = Object.entries(config).filter(([key, option]) => option !== null && !/axes$/.test(key));
  const options = withKeys(Object.fromEntries(given), camel);
  if (name === 'VarianceScaling') {
    options.mode = camel(String(options.mode));
    options.distribution = options.distribution === 'uniform' ? 'uniform' : 'normal';
  }
  return { className: name, config: options };
}

function toInitializer(value: unknown): unknown {
  if (!isJson(value) || typeof value.className !== 'string') return value;
  const name = Object.entries(INITIALIZERS).find(([, own]) => own === value.className)?.[0] ?? value.className;
  if (!KNOWN_INITIALIZERS.has(value.className)) return undefined;
  const config = withKeys(isJson(value.config) ? value.config : {}, snake);
  // tfjs saves Glorot's and its kin as the scalings of variance that they are; its normal ones are truncated.
  if (name === 'VarianceScaling') {
    config.mode = snake(String(config.mode));
    config.distribution = config.distribution === 'uniform' ? 'uniform' : 'truncated_normal';
  }
  return { module: 'keras.initializers', class_name: name, config, registered_name: null };
}

const pascal = (name: string): string => name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
