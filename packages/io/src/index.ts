export { DataError, UnavailableError } from './data-error.ts';
export { type DigitsOptions, digits, type LabelledImages } from './digits/digits.ts';
export { type CoraText, readCoraText } from './graph/cora-text.ts';
export type { FeatureLists, GraphData } from './graph/graph.ts';
export { readGraphJson } from './graph/graph-json.ts';
export { type PlantedGraphOptions, plantedGraph } from './graph/planted-graph.ts';
export { type ReadHdf5Options, readHdf5 } from './hdf5/read-hdf5.ts';
export {
  findInHdf5,
  type Hdf5Array,
  type Hdf5Dataset,
  type Hdf5Group,
  type Hdf5Value,
} from './hdf5/tree.ts';
export { type Hdf5Source, hdf5Group, setInHdf5, writeHdf5 } from './hdf5/write-hdf5.ts';
export { type Idx, type IdxArray, readIdx, writeIdx } from './idx/idx.ts';
export {
  type KerasArchive,
  type KerasConfig,
  type KerasH5,
  type KerasLayerWeights,
  type KerasWeight,
  type ReadKerasOptions,
  readKeras,
  readKerasH5,
  writeKeras,
  writeKerasH5,
} from './keras/keras.ts';
export { type PngImage, readPng, writePng } from './png/png.ts';
export { type TileOptions, tileGrid } from './png/tile-grid.ts';
export {
  type GaussianCluster,
  type GaussianClustersOptions,
  gaussianClusters,
  type LabelledPoints,
  threeClusters,
} from './points/gaussian-clusters.ts';
export { type Points, readPointsJson, readPointsText } from './points/points-text.ts';
export {
  readSafetensors,
  type SafetensorsArray,
  type SafetensorsDtype,
  type SafetensorsFile,
  type SafetensorsTensor,
  writeSafetensors,
} from './safetensors/safetensors.ts';
export { splitByHash, splitIndices, type ThreeParts, type TwoParts } from './splits.ts';
export { CharacterVocabulary } from './text/character-vocabulary.ts';
export { type GeneratedWordsOptions, generatedWords } from './text/generated-words.ts';
export { joinWords } from './text/join-words.ts';
export { type PlantedTopics, type PlantedTopicsOptions, plantedTopics } from './text/planted-topics.ts';
export { randomCodePoints } from './text/random-code-points.ts';
export { readRecipes } from './text/read-recipes.ts';
export { type RecipeGrammarOptions, recipeGrammar } from './text/recipe-grammar.ts';
export { splitWords } from './text/split-words.ts';
export { WordVocabulary } from './text/word-vocabulary.ts';
export {
  type ProjectorMetadata,
  type ProjectorTensors,
  readProjectorMetadata,
  readProjectorTensors,
  writeProjectorMetadata,
  writeProjectorTensors,
} from './tsv/projector.ts';
