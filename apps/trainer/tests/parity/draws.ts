import { permutation } from '@proj/distributions/random';
import { arrayDataset } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { CASES } from '../../../../packages/distributions/tests/cases/index.ts';
import { build } from '../../../../packages/distributions/tests/spec.ts';
import { exactly, nearly, type Outcome } from './outcome.ts';

export const FAMILIES = CASES.map(({ family }) => family);

/** Draws of every example of a family on the engine in use: whole numbers to the bit, others to float error. */
export function draws(family: string): Outcome {
  const { examples, enumerate } = CASES.find((one) => one.family === family)!;
  const values = examples.flatMap((spec) =>
    tf.tidy(() =>
      Array.from(
        build(spec)
          .sample({ sampleShape: [200], seed: 11 })
          .dataSync(),
        Number,
      ),
    ),
  );
  return enumerate === undefined ? nearly(values) : exactly(values);
}

/** Examples in a shuffled order, as training takes them, and shuffled once more on the engine. */
export function shuffled(): Outcome {
  const numbers = Float32Array.from({ length: 1000 }, (_, i) => i);
  const batch = arrayDataset(numbers, []).batch(permutation(1000, 7));
  const again = tf.tidy(() => tf.gather(batch, tf.tensor1d([...permutation(1000, 8)], 'int32')));
  const values = [...batch.dataSync(), ...again.dataSync()];
  tf.dispose([batch, again]);
  return exactly(values);
}
