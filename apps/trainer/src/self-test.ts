import { wasmFallbacks } from '@proj/backend';
import { digits } from '@proj/io';
import { Adam } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { modelSpec } from './models/index.ts';
import type { Settings } from './models/spec.ts';

export interface SelfTest {
  /** As the command line would say it: `vae --set net=conv`. */
  readonly model: string;
  /** Of one step on eight digits; null where the step failed. */
  readonly loss: number | null;
  /** Why it failed; null where it did not. */
  readonly error: string | null;
  /** tfjs's own kernels that ran in place of ours during the step, and how often: shapes and types that ours does not take. */
  readonly fallbacks: Readonly<Record<string, number>>;
}

const tests: readonly { readonly model: string; readonly settings: Settings }[] = [
  { model: 'autoencoder', settings: {} },
  { model: 'vae', settings: { net: 'mlp' } },
  { model: 'vae', settings: { net: 'conv' } },
  { model: 'dvae', settings: {} },
  { model: 'categorical-vae', settings: {} },
];

const BATCH = 8;
const SIDE = 28;

/** One training step of each model on the engine in use. */
export async function selfTest(): Promise<SelfTest[]> {
  const bytes = digits({ count: BATCH, seed: 0, size: SIDE }).images.data;
  const x = tf.tensor2d(
    Float32Array.from(bytes, (byte) => byte / 255),
    [BATCH, SIDE * SIDE],
  );
  const results: SelfTest[] = [];
  for (const { model, settings } of tests) {
    const set = Object.entries(settings).map(([key, value]) => ` --set ${key}=${value}`);
    const before = wasmFallbacks();
    const outcome = await step(model, settings, x).then(
      (loss) => ({ loss, error: Number.isFinite(loss) ? null : `the loss is ${loss}` }),
      (error: Error) => ({ loss: null, error: error.message }),
    );
    results.push({ model: model + set.join(''), ...outcome, fallbacks: since(before) });
  }
  x.dispose();
  return results;
}

async function step(name: string, settings: Settings, x: tf.Tensor2D): Promise<number> {
  const model = modelSpec(name).create(settings, { height: SIDE, width: SIDE, channels: 1 }, 0);
  const optimizer = new Adam(model.weights);
  try {
    const { value, grads } = tf.variableGrads(() => model.loss(x, 0, 0), Object.values(model.weights));
    const named = Object.entries(model.weights).map(([key, weight]) => [key, grads[weight.name]] as const);
    optimizer.update(Object.fromEntries(named), 1e-3);
    const [loss] = await value.data();
    tf.dispose([value, grads]);
    return loss!;
  } finally {
    optimizer.dispose();
    model.dispose();
  }
}

function since(before: Readonly<Record<string, number>>): Record<string, number> {
  const counts = Object.entries(wasmFallbacks()).map(([kernel, count]) => [kernel, count - (before[kernel] ?? 0)]);
  return Object.fromEntries(counts.filter(([, count]) => (count as number) > 0)) as Record<string, number>;
}
