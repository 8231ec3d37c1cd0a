export { Autoencoder, type AutoencoderConfig } from './autoencoder/autoencoder.ts';
export { type Codes, readCodes, writeCodes } from './autoencoder/code-file.ts';
export { psnr } from './autoencoder/psnr.ts';
export { binarize } from './binarize.ts';
export { ByteVae } from './byte-vae/byte-vae.ts';
export type { ByteVaeConfig } from './byte-vae/config.ts';
export {
  type CategoricalLossOptions,
  CategoricalVae,
  type CategoricalVaeConfig,
  type GradientEstimator,
} from './categorical-vae/categorical-vae.ts';
export { annealedTemperature, type TemperatureSchedule } from './categorical-vae/temperature.ts';
export { type Corruption, corrupt } from './dvae/corrupt.ts';
export { denoisingError } from './dvae/denoising-error.ts';
export { Dvae, type DvaeConfig } from './dvae/dvae.ts';
export {
  GaussianMixture,
  type GaussianMixtureConfig,
  type GaussianMixtureHistory,
  type Points,
} from './gmm/gaussian-mixture.ts';
export { type Graph, type GraphTensors, graphDataset, graphTensors } from './graph/graph.ts';
export { type EdgeSplit, type HeldOutEdges, sampleNonEdges, splitEdges } from './graph/split-edges.ts';
export type { ImageShape } from './internal/check.ts';
export type { SampleImagesOptions } from './internal/image-sampler.ts';
export type { LayerSummary } from './internal/weights.ts';
export type { LanguageModelConfig } from './language-model/config.ts';
export type {
  DrawnToken,
  GeneratedText,
  GenerateTextOptions,
  StreamTextOptions,
} from './language-model/generate.ts';
export { LanguageModel } from './language-model/language-model.ts';
export {
  PixelCnn,
  type PixelCnnConfig,
  type PixelCnnLossOptions,
  type PixelCnnSampleOptions,
} from './pixelcnn/pixelcnn.ts';
export type { PixelCnnPlusPlusConfig } from './pixelcnn-pp/config.ts';
export {
  PixelCnnPlusPlus,
  type PixelCnnPlusPlusLogProbOptions,
  type PixelCnnPlusPlusOptions,
  type PixelCnnPlusPlusParameters,
} from './pixelcnn-pp/pixelcnn-plus-plus.ts';
export type { PixelCnnPlusPlusSampleOptions } from './pixelcnn-pp/sampling.ts';
export { drawToken, mostProbable, type NextToken } from './sampling/draw-token.ts';
export { type TokenDistributionOptions, tokenDistribution } from './sampling/token-distribution.ts';
export { bagsOfWords, type TopicWordOptions, topicWordIds } from './tgvae/bags.ts';
export { npmi, topWords } from './tgvae/coherence.ts';
export type { TopicGuidedVaeConfig } from './tgvae/config.ts';
export { englishStopWords } from './tgvae/stop-words.ts';
export {
  type CodeOptions,
  type Documents,
  type TopicGuidedElbo,
  TopicGuidedVae,
} from './tgvae/topic-guided-vae.ts';
export type { GenerateOptions } from './tgvae/write.ts';
export { BitAutoencoder, type BitAutoencoderConfig, closedFormBits } from './tokun/bit-autoencoder.ts';
export {
  type TokunActivation,
  type TokunAutoencoderConfig,
  tokunActivations,
} from './tokun/config.ts';
export { jointBits, type SampleBytesOptions, sampleBytes } from './tokun/joint-bits.ts';
export { TokunAutoencoder } from './tokun/tokun-autoencoder.ts';
export { TokunQuantizer, type TokunQuantizerConfig } from './tokun/tokun-quantizer.ts';
export type { VaeConfig } from './vae/config.ts';
export { interpolate, normalQuantiles, traverse } from './vae/latent-walks.ts';
export { type ElboTerms, Vae, type VaeLossOptions } from './vae/vae.ts';
export { Gae } from './vgae/gae.ts';
export type { GraphModelConfig } from './vgae/graph-model.ts';
export { type GraphElbo, Vgae } from './vgae/vgae.ts';
export { CharacterNgram, type CharacterNgramConfig } from './word-vae/character-ngram.ts';
export type { WordVaeConfig } from './word-vae/config.ts';
export type { WordState } from './word-vae/network.ts';
export { type WordDecodeOptions, type WordInterpolationOptions, WordVae } from './word-vae/word-vae.ts';
