export { Autoencoder, type AutoencoderConfig } from './autoencoder/autoencoder.ts';
export { type Codes, readCodes, writeCodes } from './autoencoder/code-file.ts';
export { psnr } from './autoencoder/psnr.ts';
export { binarize } from './binarize.ts';
export type { ImageShape } from './internal/check.ts';
export type { LayerSummary } from './internal/weights.ts';
export type { PixelCnnPlusPlusConfig, ResnetActivation } from './pixelcnn-pp/config.ts';
export {
  type EvaluationOptions,
  type LogProbOptions,
  PixelCnnPlusPlus,
  type PixelParameters,
} from './pixelcnn-pp/pixelcnn-plus-plus.ts';
export type { PixelSampleOptions } from './pixelcnn-pp/sample-run.ts';
export { type ElboTerms, Vae, type VaeConfig, type VaeLossOptions } from './vae/vae.ts';
