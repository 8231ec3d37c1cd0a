import { foldIn } from '@proj/distributions/random';
import { digits } from '@proj/io';
import { binarize, Vae } from '@proj/models';
import { arrayDataset, type Dataset, fit, MemoryCheckpoints, type StepReport } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import type { Point, Report, State } from './protocol.ts';

const pixels = 28 * 28;
const dataSeed = 0;
const codesEveryMs = 1000;
const progressEveryMs = 100;

export interface DemoConfig {
  /** Digits made for training and for the plane. */
  trainCount: number;
  testCount: number;
  hidden: number;
  batchSize: number;
  /** Training ends here by itself: a forgotten page does not run for ever. */
  epochs: number;
}

export const defaultConfig: DemoConfig = { trainCount: 6000, testCount: 800, hidden: 256, batchSize: 64, epochs: 200 };

/**
 * What the demo does, without a page: one small VAE with a latent plane, trained step by step on the embedded digits.
 *
 * Commands may come at any time and take effect in their order; `decode` is answered at once, between two steps.
 * All there is to see goes out through `post`. The caller chooses the engine first.
 */
export class VaeDemo {
  private readonly labels: Uint8Array;
  private readonly images: Uint8Array;
  private readonly train: Dataset<tf.Tensor>;
  private readonly test: tf.Tensor; // [N, 784], grey: what is encoded
  private readonly testBits: tf.Tensor; // the same in black and white, drawn once: what the ELBO is of
  private model: Vae;
  private checkpoints = new MemoryCheckpoints();
  private seed = 1;
  private epochs: number; // where training ends
  private running: { controller: AbortController; ended: Promise<void> } | undefined;
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly post: (report: Report) => void,
    private readonly config: DemoConfig = defaultConfig,
  ) {
    const { trainCount, testCount } = config;
    const { images, labels } = digits({ count: trainCount + testCount, seed: dataSeed });
    this.labels = labels.data.slice(trainCount);
    this.train = redrawn(arrayDataset(images.data.subarray(0, trainCount * pixels), [pixels]));
    this.images = images.data.slice(trainCount * pixels);
    this.test = arrayDataset(this.images, [pixels]).batch(Uint32Array.from({ length: testCount }, (_, i) => i));
    this.testBits = binarize(this.test, dataSeed);
    this.epochs = config.epochs;
    this.model = this.fresh();
  }

  /** Says what there is: the test digits and where an untrained encoder puts them. */
  async open(engine: string): Promise<void> {
    this.post({ type: 'ready', engine, labels: this.labels, images: this.images });
    this.state('fresh');
    await this.showCodes();
  }

  /** Trains on, from where it stands; while training, goes on at the new rate. */
  start(learningRate: number): Promise<void> {
    return this.next(async () => {
      await this.stop();
      const controller = new AbortController();
      this.state('training');
      this.running = { controller, ended: this.run(learningRate, controller.signal) };
    });
  }

  /** Stops after the step under way. */
  pause(): Promise<void> {
    return this.next(async () => {
      if (!this.running) return;
      await this.stop();
      this.state('paused');
    });
  }

  /** Back to an untrained network, with other first weights than the last. */
  reset(): Promise<void> {
    return this.next(async () => {
      await this.stop();
      this.model.dispose();
      this.seed += 1;
      this.epochs = this.config.epochs;
      this.checkpoints = new MemoryCheckpoints();
      this.model = this.fresh();
      this.state('fresh');
      await this.showCodes();
    });
  }

  /** The picture at `z` under the weights as they are now. */
  async decode(z: Point): Promise<void> {
    const means = tf.tidy(() => this.model.decode(tf.tensor2d([z.x, z.y], [1, 2])));
    try {
      this.post({ type: 'picture', z, pixels: (await means.data()) as Float32Array });
    } finally {
      means.dispose();
    }
  }

  /** Stops and gives every tensor back. */
  dispose(): Promise<void> {
    return this.next(async () => {
      await this.stop();
      this.model.dispose();
      tf.dispose([this.test, this.testBits]);
    });
  }

  private fresh(): Vae {
    const { hidden } = this.config;
    return new Vae({ latent: 2, hidden, activation: 'relu', likelihood: 'bernoulli', seed: this.seed });
  }

  private next(command: () => Promise<void>): Promise<void> {
    const turn = this.queue.then(command);
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  private async stop(): Promise<void> {
    this.running?.controller.abort();
    await this.running?.ended;
    this.running = undefined;
  }

  private async run(learningRate: number, signal: AbortSignal): Promise<void> {
    const { model, config } = this;
    const progress = new Progress(this.post);
    let codesAt = performance.now();
    let steps = 0;
    try {
      const result = await fit(model, this.train, {
        epochs: this.epochs,
        batchSize: config.batchSize,
        seed: this.seed,
        learningRate,
        clipNorm: 200, // far above a usual step: it only tames the first ones of a fast run
        checkpoints: this.checkpoints,
        checkpointEverySeconds: Number.POSITIVE_INFINITY,
        resume: true,
        signal,
        validate: async () => ({ loss: await this.testLoss() }),
        onStep: async (report) => {
          steps = report.globalStep;
          progress.add(report, Math.min(config.batchSize, config.trainCount));
          if (performance.now() - codesAt < codesEveryMs) return;
          await this.showCodes();
          codesAt = performance.now();
        },
        onEpoch: ({ epoch, val }) => this.post({ type: 'test', step: steps, epoch, loss: val.loss! }),
      });
      if (result.status !== 'aborted') {
        this.epochs += config.epochs; // whoever starts it once more gets as much again
        this.state('done');
      }
    } catch (error) {
      this.state('paused');
      this.post({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
    if (!signal.aborted) this.running = undefined;
  }

  private async testLoss(): Promise<number> {
    const elbo = tf.tidy(() => tf.mean(this.model.elbo(this.testBits, dataSeed).elbo));
    try {
      return -(await elbo.data())[0]!;
    } finally {
      elbo.dispose();
    }
  }

  private async showCodes(): Promise<void> {
    const codes = tf.tidy(() => this.model.encode(this.test).loc);
    try {
      this.post({ type: 'codes', codes: (await codes.data()) as Float32Array });
    } finally {
      codes.dispose();
    }
  }

  private state(state: State): void {
    this.post({ type: 'state', state });
  }
}

/** Grey levels read as chances of a white pixel: every batch draws its pixels anew. */
function redrawn({ size, batch }: Dataset<tf.Tensor>): Dataset<tf.Tensor> {
  let draws = 0;
  return {
    size,
    batch(indices) {
      const grey = batch(indices);
      draws += 1;
      try {
        return binarize(grey, foldIn(dataSeed, draws));
      } finally {
        grey.dispose();
      }
    },
  };
}

/** Sums up steps into ten reports a second. */
class Progress {
  private since = performance.now();
  private losses: number[] = [];
  private images = 0;
  private rate = 0;

  constructor(private readonly post: (report: Report) => void) {}

  add({ globalStep, epoch, loss }: StepReport, images: number): void {
    this.losses.push(loss);
    this.images += images;
    const elapsed = performance.now() - this.since;
    if (elapsed < progressEveryMs) return;
    const rate = (1000 * this.images) / elapsed;
    this.rate = this.rate === 0 ? rate : 0.9 * this.rate + 0.1 * rate; // steady enough to be read
    const mean = this.losses.reduce((sum, value) => sum + value, 0) / this.losses.length;
    this.post({ type: 'progress', step: globalStep, epoch, loss: mean, imagesPerSecond: this.rate });
    this.since = performance.now();
    this.losses = [];
    this.images = 0;
  }
}
