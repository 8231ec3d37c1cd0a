import type { Shape } from '@tensorflow/tfjs-layers';

/** The shapes of a layer's inputs: tfjs gives that of an only input without a list. */
export const inputShapes = (inputShape: Shape | Shape[]): Shape[] =>
  (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as Shape[];
