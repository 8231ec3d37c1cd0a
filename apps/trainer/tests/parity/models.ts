import { normal } from '@proj/distributions/random';
import { readPng } from '@proj/io';
import * as tf from '@tensorflow/tfjs-core';
import { modelSpec } from '../../src/models/index.ts';
import { parseSettings } from '../../src/models/settings.ts';
import { createSession, type Session } from '../../src/session.ts';
import type { Product, TaskData } from '../../src/tasks/task.ts';
import { fakeIo } from '../fake-io.ts';
import { exactly, leaves, nearly, type Outcome } from './outcome.ts';

const bytes = { groups: '4', dim: '16' };
const topics = { units: '16', embedding: '8', topicUnits: '16', latent: '4', topics: '3', reflections: '2' };
const language = { vocabulary: '60', embedding: '8', units: '12', length: '12' };

/** Of each part of the data; on cpu a convolution takes its time. */
const EXAMPLES = 8;
const BATCH = 2;

/** Small ones of every kind. */
const SETTINGS: Record<string, Record<string, string>> = {
  autoencoder: { latent: '3' },
  vae: { latent: '3', hidden: '24' },
  'vae, convolutional': { latent: '3', net: 'conv' },
  dvae: { latent: '3', hidden: '24' },
  'categorical-vae': { variables: '5', classes: '4' },
  gmm: { components: '3', covariance: 'full' },
  pixelcnn: { size: '8', filters: '8', blocks: '1' },
  'pixelcnn, two stacks': { size: '8', filters: '8', blocks: '1', stacks: 'vertical-horizontal' },
  'pixelcnn-pp': { size: '8', numFilters: '8', numLogisticMix: '3' },
  lstm: language,
  gru: language,
  'word-vae': { config: 'small' },
  tgvae: topics,
  vgae: { hidden: '8', latent: '4' },
  gae: { hidden: '8', latent: '4' },
  tokun: bytes,
  'tokun-bits': {},
  'tokun-vq': { ...bytes, slots: '4', codes: '32' },
  'tokun-klvae': { order: '3', token: '8', embedding: '8', widths: '8,16', heads: '2' },
};

export const MODELS = Object.keys(SETTINGS);
/** Those whose pictures are of levels that were drawn; in the others a pixel is a probability, and its byte may fall on either side. */
const DRAWN_PIXELS = /^pixelcnn/;

export interface ModelOutcomes {
  readonly weights: Outcome;
  readonly loss: Outcome;
  readonly gradients: Outcome;
  readonly samples: Outcome;
  /** Of models of text as bytes: their vectors, and the bytes again. */
  readonly code?: Outcome;
  readonly decoded?: Outcome;
}

/** What the engine in use makes of a model and a seed: first weights, a training loss with its gradients, draws, codes. */
export async function modelOutcomes(name: string): Promise<ModelOutcomes> {
  const spec = modelSpec(name.split(',')[0]!);
  const set = parseSettings(spec, SETTINGS[name]!);
  const data = await spec.task.load(fakeIo().io, spec.defaults.data, EXAMPLES);
  const shape = spec.task.shapeOf(data);
  const session = createSession({ model: spec.name, set, shape, seed: 4 }, spec.task.assets?.(data, set) ?? {});
  try {
    const weights = nearly(await flat(Object.values(session.model.weights)), 1e-6);
    spec.task.prepare?.(session.model, data);
    disturb(session);
    return {
      weights,
      ...(await firstLoss(session, data)),
      ...(await drawn(name, session, data)),
      ...(await coded(session)),
    };
  } finally {
    session.model.dispose();
  }
}

/** First weights say little: many are 0, and many draws then alike. */
function disturb({ model, spec }: Session): void {
  if (spec.fit) return; // its weights are a distribution's parameters
  for (const [i, weight] of Object.values(model.weights).entries()) {
    tf.tidy(() => weight.assign(tf.add(weight, tf.mul(0.1, tf.tensor(normal(weight.size, i), weight.shape)))));
  }
}

async function firstLoss(
  { model, spec, ...session }: Session,
  data: TaskData,
): Promise<Pick<ModelOutcomes, 'loss' | 'gradients'>> {
  const examples = spec.task.dataset(data, { model, spec, ...session });
  const batch = examples.batch(Uint32Array.from({ length: Math.min(BATCH, examples.size) }, (_, i) => i));
  const weights = Object.values(model.weights);
  try {
    if (spec.fit) {
      const loss = tf.tidy(() => model.loss(batch, 5, 0));
      return { loss: nearly(await flat([loss], true)), gradients: exactly([]) };
    }
    const { value, grads } = tf.variableGrads(() => model.loss(batch, 5, 0), weights);
    const loss = nearly(await flat([value]));
    const gradients = nearly(
      await flat(weights.map((weight) => grads[weight.name]).filter((gradient) => gradient != null)),
      1e-4,
    );
    tf.dispose([value, grads]);
    return { loss, gradients };
  } finally {
    tf.dispose(batch);
  }
}

async function drawn(name: string, session: Session, data: TaskData): Promise<Pick<ModelOutcomes, 'samples'>> {
  const options = { count: 4, seed: 9, temperature: 1 };
  const product: Product = await session.spec.task.sample(session, async () => data, options);
  if (!('bytes' in product)) return { samples: leaves(product.samples) };
  const { data: pixels } = readPng(product.bytes);
  return { samples: DRAWN_PIXELS.test(name) ? exactly(pixels) : { values: Array.from(pixels), tolerance: 1.5 / 255 } };
}

async function coded({ model, spec }: Session): Promise<Pick<ModelOutcomes, 'code' | 'decoded'>> {
  const codec = spec.task.codec?.(model);
  if (codec === undefined) return {};
  const text = new TextEncoder().encode('the same seed, the same samples. '.repeat(64));
  const code = await codec.encode(text.subarray(0, Math.floor(512 / codec.tokenSize) * codec.tokenSize));
  return { code: nearly(code), decoded: exactly(await codec.decode(code)) };
}

async function flat(tensors: readonly tf.Tensor[], ours = false): Promise<number[]> {
  const numbers: number[] = [];
  for (const tensor of tensors) for (const value of await tensor.data()) numbers.push(value);
  if (ours) tf.dispose(tensors as tf.Tensor[]);
  return numbers;
}
