export { Autoencoder, type AutoencoderConfig } from './autoencoder/autoencoder.ts';
export { type Codes, readCodes, writeCodes } from './autoencoder/code-file.ts';
export { psnr } from './autoencoder/psnr.ts';
export { binarize } from './binarize.ts';
export type { ImageShape } from './internal/check.ts';
export type { SampleImagesOptions } from './internal/image-sampler.ts';
export type { LayerSummary } from './internal/weights.ts';
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
export type { VaeConfig } from './vae/config.ts';
export { interpolate, normalQuantiles, traverse } from './vae/latent-walks.ts';
export { type ElboTerms, Vae, type VaeLossOptions } from './vae/vae.ts';
