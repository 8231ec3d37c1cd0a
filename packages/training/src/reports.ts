/** After every step. */
export interface StepReport {
  /** The epoch under way, counted from 1, and how many there are to be. */
  epoch: number;
  epochs: number;
  /** Steps made in this epoch, and how many it has. */
  step: number;
  steps: number;
  /** Steps made since the start of the run. */
  globalStep: number;
  /** Of this batch. */
  loss: number;
  learningRate: number;
  /** Global norm of the gradient before clipping; there when `clipNorm` is set. */
  gradNorm?: number;
  /** Of the whole run, a part before `resume` included. */
  secondsElapsed: number;
  /** Until the end of the last epoch. */
  etaSeconds: number;
  examplesPerSecond: number;
}

/** After every epoch. */
export interface EpochReport {
  /** Counted from 1. */
  epoch: number;
  /** Mean over the examples, each under the weights its batch met. */
  loss: number;
  /** What `validate` returned; empty without it. */
  val: Record<string, number>;
  /** Training and validation. */
  seconds: number;
  /** Whether the monitored value is the best so far; false when nothing is monitored. */
  improved: boolean;
}
