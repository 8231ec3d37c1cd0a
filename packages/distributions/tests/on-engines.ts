import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // registers the gradients: tfjs-core alone has none
import { afterAll, beforeAll, describe } from 'vitest';

export const ENGINES = ['cpu', 'wasm'] as const;

/** The suite on each engine of plain tfjs. */
export function onEngines(suite: (engine: string) => void): void {
  describe.each(ENGINES)('%s', (engine) => {
    beforeAll(async () => {
      if (!(await tf.setBackend(engine))) throw new Error(`${engine} did not start`);
    });
    beforeAll(() => void tf.engine().startScope());
    afterAll(() => void tf.engine().endScope());
    suite(engine);
  });
}

/** The numbers of a tensor; inside a tidy. */
export const numbers = (t: tf.Tensor): number[] => Array.from(t.dataSync(), Number);
