export { DataError, UnavailableError } from './data-error.ts';
export { type DigitsOptions, digits, type LabelledImages } from './digits/digits.ts';
export { type Idx, type IdxArray, readIdx, writeIdx } from './idx/idx.ts';
export { type PngImage, readPng, writePng } from './png/png.ts';
export { type TileOptions, tileGrid } from './png/tile-grid.ts';
export {
  readSafetensors,
  type SafetensorsArray,
  type SafetensorsDtype,
  type SafetensorsFile,
  type SafetensorsTensor,
  writeSafetensors,
} from './safetensors/safetensors.ts';
export { splitByHash, splitIndices, type ThreeParts, type TwoParts } from './splits.ts';
export {
  type ProjectorMetadata,
  type ProjectorTensors,
  readProjectorMetadata,
  readProjectorTensors,
  writeProjectorMetadata,
  writeProjectorTensors,
} from './tsv/projector.ts';
