import { checkImageShape, checkOneOf, checkPositiveInteger, checkSeed, type ImageShape } from '../internal/check.ts';
import { type LikelihoodName, likelihoodNames } from './likelihood.ts';
import { type Activation, activations } from './mlp.ts';
import { type PriorName, priorNames } from './prior.ts';

export interface VaeConfig {
  /** Z, dimensions of the latent space. */
  latent?: number;
  /** Units of each hidden layer; `net: 'mlp'` alone. */
  hidden?: number;
  /** Hidden layers of the encoder, and of the decoder if `decoderLayers` is omitted; `net: 'mlp'` alone. */
  layers?: number;
  /** Hidden layers of the decoder, where it has not as many as the encoder; `net: 'mlp'` alone. */
  decoderLayers?: number;
  /** Of the hidden layers; `net: 'mlp'` alone, the convolutions are relu. A linear, gaussian VAE is probabilistic PCA. */
  activation?: Activation;
  net?: 'mlp' | 'conv';
  /** p(x | z): 'gaussian' has the standard deviation `scale`, 'gaussian-learned' and 'discretized-logistic' put out their scales. */
  likelihood?: LikelihoodName;
  /** Standard deviation of a pixel; `likelihood: 'gaussian'` alone. */
  scale?: number;
  /** p(z): N(0, I), a mixture of Gaussians that is learned, or a VampPrior. */
  prior?: PriorName;
  /** K of the priors that are mixtures. */
  components?: number;
  /** Householder reflections after the posterior's Gaussian: 0 leaves its covariance diagonal. */
  reflections?: number;
  /** Weight of the KL in the loss; `elbo` and `iwae` do not see it. */
  beta?: number;
  /**
   * Nats a dimension of the code whose KL costs nothing, in the loss alone: sum over Z of max(mean KL of the batch, freeBits).
   * With `prior: 'normal'` alone, whose KL is a sum over dimensions. Source: Kingma et al. 2016, arXiv:1606.04934.
   */
  freeBits?: number;
  imageShape?: ImageShape;
  /** Of the first weights. */
  seed?: number;
}

/** The configuration with its defaults. @throws RangeError if a value does not fit. */
export function completeConfig({
  latent = 20,
  hidden = 500,
  layers = 1,
  decoderLayers = layers,
  activation = 'tanh',
  net = 'mlp',
  likelihood = 'bernoulli',
  scale = 1,
  prior = 'normal',
  components = 10,
  reflections = 0,
  beta = 1,
  freeBits = 0,
  imageShape = [28, 28, 1],
  seed = 0,
}: VaeConfig): Required<VaeConfig> {
  for (const [name, value] of Object.entries({ latent, hidden, layers, decoderLayers, components })) {
    checkPositiveInteger('Vae', name, value);
  }
  checkOneOf('Vae', 'activation', activation, activations);
  checkOneOf('Vae', 'net', net, ['mlp', 'conv']);
  checkOneOf('Vae', 'likelihood', likelihood, likelihoodNames);
  checkOneOf('Vae', 'prior', prior, priorNames);
  if (!(scale > 0 && scale < Infinity)) {
    throw new RangeError(`Vae: scale must be positive, got ${scale}. Omit it to use 1.`);
  }
  if (!(Number.isSafeInteger(reflections) && reflections >= 0)) {
    throw new RangeError(`Vae: reflections must be an integer from 0, got ${reflections}. Omit it for none.`);
  }
  if (!(beta >= 0 && beta < Infinity)) {
    throw new RangeError(`Vae: beta must be 0 or more, got ${beta}. Omit it to use 1, the plain VAE.`);
  }
  if (!(freeBits >= 0 && freeBits < Infinity)) {
    throw new RangeError(`Vae: freeBits must be 0 or more, got ${freeBits}. Omit it for none.`);
  }
  if (freeBits > 0 && prior !== 'normal') {
    throw new RangeError(
      `Vae: freeBits needs the prior normal, whose KL is a sum over dimensions, got prior ${prior}. Omit one of them.`,
    );
  }
  checkImageShape('Vae', imageShape);
  checkSeed('Vae', seed);
  return {
    latent,
    hidden,
    layers,
    decoderLayers,
    activation,
    net,
    likelihood,
    scale,
    prior,
    components,
    reflections,
    beta,
    freeBits,
    imageShape,
    seed,
  };
}
