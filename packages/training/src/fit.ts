import { foldIn, permutation, splitSeed } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import { Adam } from './adam.ts';
import { AdamW, type AdamWOptions } from './adam-w.ts';
import {
  type Checkpoint,
  type CheckpointStore,
  readWeights,
  startingState,
  type TrainingState,
  writeWeights,
} from './checkpoint.ts';
import type { Dataset } from './dataset.ts';
import { NonFiniteLossError } from './errors.ts';
import { checkState, checkTensors, reviveHistory } from './internal/check-checkpoint.ts';
import { checkFit } from './internal/options.ts';
import { pacer } from './internal/pacer.ts';
import type { TrainableModel } from './model.ts';
import type { EpochReport, StepReport } from './reports.ts';
import type { Schedule } from './schedules.ts';

export interface FitOptions {
  /** How often to go through the data. */
  epochs: number;
  /** Examples a step; the last batch of an epoch holds what is left. */
  batchSize: number;
  /** Orders the examples and seeds the loss of every step. */
  seed: number;
  /** Of Adam: a number, or a schedule. Default 1e-3. */
  learningRate?: number | Schedule;
  /** See `Adam`. */
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  /** With this it is AdamW: see there. Default: no decay. */
  weightDecay?: number;
  decays?: AdamWOptions['decays'];
  /** Gradients of a larger global norm are scaled down to it. Default: no clipping. */
  clipNorm?: number;
  /** Called after every epoch; what it returns is reported and can be monitored. */
  validate?: () => Promise<Record<string, number>>;
  /** The metric that says which epoch is best: one of `validate`, or else 'loss', the training loss. The best weights are set at the end; a value that is
   * not finite is never the best. */
  monitor?: { metric: string; mode: 'min' | 'max' };
  /** Stop after this many epochs without a better monitored value. Default: never. */
  patience?: number;
  /** Where to keep checkpoints: 'last' to go on from, and 'best' (weights alone) of the best monitored value. */
  checkpoints?: CheckpointStore;
  /** Time between checkpoints within an epoch. Default 60. */
  checkpointEverySeconds?: number;
  /** Go on from the checkpoint 'last', at the very step; start afresh if there is none. */
  resume?: boolean;
  /** Stops after the step under way, with a checkpoint saved. */
  signal?: AbortSignal;
  /** Called, and awaited, after every step. */
  onStep?(report: StepReport): void | Promise<void>;
  /** Called, and awaited, after every epoch and its checkpoint. */
  onEpoch?(report: EpochReport): void | Promise<void>;
}

export interface FitResult {
  status: 'done' | 'stopped-early' | 'aborted';
  /** Epochs completed. */
  epochs: number;
  /** Steps made, those before `resume` included. */
  steps: number;
  /** Best monitored value and its epoch, counted from 1. */
  best?: { epoch: number; value: number };
  history: EpochReport[];
}

/**
 * Trains `model` on `data` with Adam or AdamW.
 *
 * The order of an epoch and the seed of a step follow from `seed` and their numbers alone, and a checkpoint holds all else that counts:
 * a resumed run ends in the very weights of an uninterrupted one on the same engine. Steps are awaited and the event loop gets a turn
 * every few tens of milliseconds. The caller's engine is used; gradients must be registered (import '@tensorflow/tfjs-layers').
 *
 * @throws NonFiniteLossError when loss, gradient norm or a weight is NaN or infinite; the checkpoint 'last' is from before.
 * @throws RangeError or TypeError for options out of range, and for a checkpoint of another model or run; nothing has changed then.
 */
export async function fit<B extends tf.TensorContainer>(
  model: TrainableModel<B>,
  data: Dataset<B>,
  options: FitOptions,
): Promise<FitResult> {
  checkFit(model, data, options);
  const optimizer =
    options.weightDecay === undefined ? new Adam(model.weights, options) : new AdamW(model.weights, options);
  try {
    return await new Run(model, data, options, optimizer).go();
  } finally {
    optimizer.dispose();
  }
}

/** One call of `fit`. */
class Run<B extends tf.TensorContainer> {
  private state: TrainingState;
  private bestWeights: Checkpoint['tensors'] | undefined;
  private readonly variables: tf.Variable[];
  private readonly steps: number;
  private readonly orderSeed: number;
  private readonly lossSeed: number;
  private readonly pace = pacer();
  private savedAt = performance.now();
  private readonly speed = { steps: 0, examples: 0, seconds: 0 };
  private validationSeconds = 0;

  constructor(
    private readonly model: TrainableModel<B>,
    private readonly data: Dataset<B>,
    private readonly options: FitOptions,
    private readonly optimizer: Adam,
  ) {
    const { seed, batchSize } = options;
    this.variables = Object.values(model.weights);
    this.steps = Math.ceil(data.size / batchSize);
    [this.orderSeed, this.lossSeed] = splitSeed(seed, 2) as [number, number];
    this.state = startingState({ seed, batchSize, examples: data.size });
  }

  async go(): Promise<FitResult> {
    const { options } = this;
    const resumed = options.resume === true && (await this.load());
    if (!resumed) await this.save();
    while (this.state.epoch < options.epochs) {
      if (this.outOfPatience()) return this.finish('stopped-early');
      if (!(await this.epoch())) return this.abort();
    }
    return this.finish(this.outOfPatience() ? 'stopped-early' : 'done');
  }

  /** Goes through what is left of the epoch under way. False if aborted. */
  private async epoch(): Promise<boolean> {
    const { data, options, state, steps } = this;
    const { batchSize, checkpointEverySeconds = 60 } = options;
    const order = permutation(data.size, foldIn(this.orderSeed, state.epoch));
    while (state.step < steps) {
      if (options.signal?.aborted) return false;
      const start = state.step * batchSize;
      const report = await this.step(order.subarray(start, start + batchSize));
      await options.onStep?.(report);
      if (state.step < steps && performance.now() - this.savedAt >= checkpointEverySeconds * 1000) await this.save();
      await this.pace();
    }
    if (options.signal?.aborted) return false;

    const started = performance.now();
    const val = (await options.validate?.()) ?? {};
    this.validationSeconds = (performance.now() - started) / 1000;
    const loss = state.lossSum / state.lossCount;
    const improved = this.monitor(loss, val);
    const epoch: EpochReport = {
      epoch: state.epoch + 1,
      loss,
      val,
      seconds: state.epochSeconds + this.validationSeconds,
      improved,
    };
    state.history.push(epoch);
    state.epoch += 1;
    state.step = 0;
    state.lossSum = 0;
    state.lossCount = 0;
    state.seconds += this.validationSeconds;
    state.epochSeconds = 0;
    if (improved) {
      this.bestWeights = await this.finiteWeights();
      // Before 'last': if the program dies between the two, the epoch is done again and finds the same best.
      await options.checkpoints?.save('best', { tensors: this.bestWeights, state: structuredClone(state) });
    }
    await this.save();
    await options.onEpoch?.(structuredClone(epoch));
    return true;
  }

  private async step(indices: Uint32Array): Promise<StepReport> {
    const { model, options, state } = this;
    const { learningRate: rate = 1e-3, clipNorm } = options;
    const started = performance.now();
    const learningRate = typeof rate === 'function' ? rate(state.globalStep) : rate;
    if (!(learningRate >= 0 && learningRate < Number.POSITIVE_INFINITY)) {
      throw new RangeError(
        `fit: learningRate must be 0 or more and finite, got ${learningRate} for step ${state.globalStep}.`,
      );
    }

    const batch = this.data.batch(indices);
    const seed = foldIn(this.lossSeed, state.globalStep);
    let result: ReturnType<typeof tf.variableGrads>;
    try {
      result = tf.variableGrads(() => model.loss(batch, seed, state.globalStep), this.variables);
    } finally {
      tf.dispose(batch);
    }
    const gradients: Record<string, tf.Tensor | undefined> = {};
    for (const [name, weight] of Object.entries(model.weights)) {
      gradients[name] = result.grads[weight.name] ?? undefined; // tfjs has null for those that aren't trainable
    }
    let loss: number;
    let gradNorm: number | undefined;
    try {
      loss = (await result.value.data())[0]!;
      this.mustBeFinite(loss, 'the loss');
      if (clipNorm === undefined) {
        this.optimizer.update(gradients, learningRate);
      } else {
        gradNorm = await this.optimizer.clippedUpdate(gradients, learningRate, clipNorm);
        this.mustBeFinite(gradNorm, 'the norm of the gradient');
      }
    } finally {
      tf.dispose([result.value, result.grads]);
    }

    state.step += 1;
    state.globalStep += 1;
    state.lossSum += loss * indices.length;
    state.lossCount += indices.length;
    const seconds = (performance.now() - started) / 1000;
    state.seconds += seconds;
    state.epochSeconds += seconds;
    return {
      epoch: state.epoch + 1,
      epochs: options.epochs,
      step: state.step,
      steps: this.steps,
      globalStep: state.globalStep,
      loss,
      learningRate,
      ...(gradNorm === undefined ? {} : { gradNorm }),
      secondsElapsed: state.seconds,
      ...this.pacing(indices.length, seconds),
    };
  }

  /** Speed over this call's steps. The first is left out once there are others: engines compile in it. */
  private pacing(examples: number, seconds: number): { etaSeconds: number; examplesPerSecond: number } {
    const { speed, state, options, data } = this;
    if (speed.steps === 1) {
      speed.examples = 0;
      speed.seconds = 0;
    }
    speed.steps += 1;
    speed.examples += examples;
    speed.seconds += seconds;
    const examplesPerSecond = speed.examples / Math.max(speed.seconds, 1e-9);
    const epochsLeft = options.epochs - state.epoch;
    const examplesLeft = epochsLeft * data.size - state.lossCount;
    return {
      etaSeconds: examplesLeft / examplesPerSecond + epochsLeft * this.validationSeconds,
      examplesPerSecond,
    };
  }

  /** Takes note of the monitored value; true if it is the best so far. */
  private monitor(loss: number, val: Record<string, number>): boolean {
    const { monitor } = this.options;
    if (monitor === undefined) return false;
    const value = val[monitor.metric] ?? (monitor.metric === 'loss' ? loss : undefined);
    if (value === undefined) {
      throw new TypeError(
        `fit: validate must return the monitored '${monitor.metric}', got ${Object.keys(val).join(', ') || 'nothing'}.`,
      );
    }
    const { state } = this;
    const improved =
      Number.isFinite(value) &&
      (state.best === null || (monitor.mode === 'min' ? value < state.best.value : value > state.best.value));
    if (improved) state.best = { epoch: state.epoch + 1, value };
    state.epochsSinceBest = improved ? 0 : state.epochsSinceBest + 1;
    return improved;
  }

  private outOfPatience(): boolean {
    const { patience = Number.POSITIVE_INFINITY } = this.options;
    return this.state.epochsSinceBest >= patience;
  }

  /** Saves 'last', unless a weight is not finite. */
  private async save(): Promise<void> {
    const { checkpoints } = this.options;
    if (checkpoints === undefined) return;
    const tensors = await this.finiteWeights();
    const adam = await this.optimizer.state();
    for (const [name, tensor] of Object.entries(adam.tensors)) tensors[`adam/${name}`] = tensor;
    await checkpoints.save('last', { tensors, state: structuredClone(this.state) });
    this.savedAt = performance.now();
  }

  /** Takes up the checkpoint 'last'; false if there is none. */
  private async load(): Promise<boolean> {
    const { model, options } = this;
    const last = await options.checkpoints!.load('last');
    if (last === undefined) return false;
    checkState(last.state, this.state);
    const expected: Record<string, readonly number[]> = {};
    for (const [name, weight] of Object.entries(model.weights)) {
      expected[name] = weight.shape;
      if (!weight.trainable) continue;
      expected[`adam/m/${name}`] = weight.shape;
      expected[`adam/v/${name}`] = weight.shape;
    }
    checkTensors('fit', expected, last.tensors, { exact: true });
    if (last.state.best !== null) {
      const best = await options.checkpoints!.load('best');
      if (best === undefined) {
        throw new RangeError(
          `fit: the store must hold the checkpoint 'best' of epoch ${last.state.best.epoch}, got 'last' alone. Start without resume.`,
        );
      }
      const shapes = Object.fromEntries(Object.entries(model.weights).map(([name, { shape }]) => [name, shape]));
      checkTensors('fit', shapes, best.tensors);
      this.bestWeights = best.tensors;
    }

    writeWeights(model.weights, last.tensors);
    const moments = Object.entries(last.tensors).filter(([name]) => name.startsWith('adam/'));
    this.optimizer.restore({
      step: last.state.globalStep,
      tensors: Object.fromEntries(moments.map(([name, tensor]) => [name.slice('adam/'.length), tensor])),
    });
    Object.assign(this.state, structuredClone(last.state), { history: reviveHistory(last.state.history) });
    return true;
  }

  private async abort(): Promise<FitResult> {
    await this.save();
    return this.result('aborted');
  }

  private async finish(status: 'done' | 'stopped-early'): Promise<FitResult> {
    if (this.bestWeights !== undefined) writeWeights(this.model.weights, this.bestWeights);
    else await this.finiteWeights(); // nobody has looked at them since the last step
    return this.result(status);
  }

  private result(status: FitResult['status']): FitResult {
    const { epoch, globalStep, best, history } = structuredClone(this.state);
    return { status, epochs: epoch, steps: globalStep, ...(best === null ? {} : { best }), history };
  }

  private async finiteWeights(): Promise<Checkpoint['tensors']> {
    const tensors = await readWeights(this.model.weights);
    const { epoch, step, globalStep } = this.state;
    // The last step made is the one before, which at the start of an epoch is the last of the epoch before.
    const [atEpoch, atStep] = step > 0 || globalStep === 0 ? [epoch + 1, step] : [epoch, this.steps];
    for (const [name, { data }] of Object.entries(tensors)) {
      for (let i = 0; i < data.length; i++) {
        if (!Number.isFinite(data[i])) throw new NonFiniteLossError(atEpoch, atStep, data[i]!, `the weight '${name}'`);
      }
    }
    return tensors;
  }

  private mustBeFinite(value: number, what: string): void {
    if (Number.isFinite(value)) return;
    throw new NonFiniteLossError(this.state.epoch + 1, this.state.step + 1, value, what);
  }
}
