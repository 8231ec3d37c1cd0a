/** What the page asks of the worker. */
export type Request =
  | { type: 'train'; learningRate: number }
  | { type: 'pause' }
  | { type: 'reset' }
  | { type: 'decode'; z: Point };

/** What the worker tells the page. Losses are negative ELBOs in nats per image. */
export type Report =
  /** The test digits: their classes, and their pixels in [0, 255], [N, 784]. */
  | { type: 'ready'; engine: string; labels: Uint8Array; images: Uint8Array }
  | { type: 'state'; state: State }
  | { type: 'progress'; step: number; epoch: number; loss: number; imagesPerSecond: number }
  | { type: 'test'; step: number; epoch: number; loss: number }
  /** Posterior means of the test digits, [N, 2], row by row in the order of the labels. */
  | { type: 'codes'; codes: Float32Array }
  /** Pixel means in [0, 1], 28 x 28 row by row, decoded at z. */
  | { type: 'picture'; z: Point; pixels: Float32Array }
  | { type: 'failed'; message: string };

/** `fresh` has no step behind it, `done` has trained for as many epochs as it is allowed. */
export type State = 'fresh' | 'training' | 'paused' | 'done';

/** A place on the latent plane: x to the right, y upwards, in units of the prior's standard deviation. */
export interface Point {
  x: number;
  y: number;
}
