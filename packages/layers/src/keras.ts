export type { Json as KerasConfig } from './keras/json.ts';
export { type KerasLayerWeights, type KerasModel, modelFromKeras } from './keras/model-from-keras.ts';
export { type KerasArchive, type KerasModelH5, modelToKeras, modelToKerasH5 } from './keras/model-to-keras.ts';
export type { KerasWeight } from './keras/weights.ts';
