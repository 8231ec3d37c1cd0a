export { DataError, UnavailableError } from './data-error.ts';
export type { FeatureLists, GraphData } from './graph/graph.ts';
export { md5File, sha256File } from './node/checksum.ts';
export { type DataFile, type DataSet, dataSets, type Edition } from './node/data-sets.ts';
export { type DownloadOptions, type DownloadProgress, downloadFile } from './node/download.ts';
export {
  type FetchOptions,
  type FoundDataSet,
  fetchDataSet,
  findDataSet,
  type ListedDataSet,
  listDataSets,
  type PlaceOptions,
  userCacheDir,
  type VerifyReport,
  verifyDataSet,
} from './node/find.ts';
export type { ImageData, ImagePart } from './node/image-data.ts';
export { type LoadGraphOptions, loadGraph } from './node/load-graph.ts';
export { type LoadImagesOptions, loadImages } from './node/load-images.ts';
export { type LoadPointsOptions, loadPoints, type PointData, type PointPart } from './node/load-points.ts';
export { loadTextFiles, type TextFile, type TextFiles } from './node/load-text-files.ts';
export { type LoadTextsOptions, loadTexts, loadWords, type TextData } from './node/load-texts.ts';
export { writeFileAtomic } from './node/write-file-atomic.ts';
