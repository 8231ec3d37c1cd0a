export { Adam, type AdamOptions, type AdamState } from './adam.ts';
export { AdamW, type AdamWOptions } from './adam-w.ts';
export {
  type Checkpoint,
  type CheckpointStore,
  MemoryCheckpoints,
  readWeights,
  startingState,
  type TrainingState,
  writeWeights,
} from './checkpoint.ts';
export { clipScale, globalNorm } from './clip.ts';
export { type ArrayDatasetOptions, arrayDataset, type Dataset } from './dataset.ts';
export { NonFiniteLossError } from './errors.ts';
export { type FitOptions, type FitResult, fit } from './fit.ts';
export { meanMetrics } from './metrics.ts';
export type { TrainableModel } from './model.ts';
export { formatDuration, formatProgress } from './progress.ts';
export { averagePrecision, type RocCurve, rocAuc, rocCurve } from './ranking.ts';
export type { EpochReport, StepReport } from './reports.ts';
export {
  constant,
  cosineDecay,
  cyclical,
  exponentialDecay,
  linearWarmUp,
  piecewiseConstant,
  type Schedule,
} from './schedules.ts';
