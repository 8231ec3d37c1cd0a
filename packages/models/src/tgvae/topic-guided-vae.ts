import {
  Categorical,
  type Distribution,
  Independent,
  MixtureSameFamily,
  Normal,
  standardNormal,
} from '@proj/distributions';
import { foldIn, normal, splitSeed } from '@proj/distributions/random';
import * as tf from '@tensorflow/tfjs-core';
import { affine } from '../internal/affine.ts';
import { bounded } from '../internal/bounded.ts';
import { checkPositiveInteger, checkRows, checkSeed } from '../internal/check.ts';
import { gaussianKl } from '../internal/gaussian-kl.ts';
import { householderFlow } from '../internal/householder-flow.ts';
import {
  countWeights,
  createWeights,
  describeLayers,
  type LayerSpec,
  type LayerSummary,
  layerWeights,
} from '../internal/weights.ts';
import { type Components, componentKl, type ReflectedGaussian, reflectedGaussian } from './component-kl.ts';
import { completeConfig, type TopicGuidedVaeConfig } from './config.ts';
import { counted, outputSpec, Sentences, sentenceRows, sentenceWeights } from './sentences.ts';
import { clusteredTopics } from './start-topics.ts';
import {
  bagLogProb,
  diversity,
  LARGEST_LOG_VARIANCE,
  TOPIC_WORDS,
  type TopicModel,
  topicModel,
  topicSpecs,
} from './topic-model.ts';
import { type GenerateOptions, write } from './write.ts';

/** Documents, read in two ways. (A type and no interface, so that tfjs takes it as a container.) */
export type Documents = {
  /** int32 [B, L]: the words in their order, then 0 up to the end of the row. */
  readonly words: tf.Tensor2D;
  /** [B, D]: how often each topic word stands in the document. See `bagsOfWords`. */
  readonly bag: tf.Tensor2D;
};

/** Of each document, [B], in nats but for the tokens; from one draw of both codes. */
export type TopicGuidedElbo = {
  /** reconstruction - kl + topicReconstruction - topicKl: below log p(words, bag). */
  readonly elbo: tf.Tensor1D;
  /** E log p(words | z). */
  readonly reconstruction: tf.Tensor1D;
  /** sum over topics of t_i KL(q(z | words) || N_i): exact for that t, and at least the divergence from the mixture. */
  readonly kl: tf.Tensor1D;
  /** That divergence, log q(z | words) - log p(z | t) at the draw of z: right on average, and for one draw it may be negative. */
  readonly klMonteCarlo: tf.Tensor1D;
  /** E log p(bag | t). */
  readonly topicReconstruction: tf.Tensor1D;
  /** KL(q(a | bag) || N(0, I)). */
  readonly topicKl: tf.Tensor1D;
  /** How many words and stops the reconstruction is of. */
  readonly tokens: tf.Tensor1D;
};

export interface CodeOptions {
  /** The topic, from 0 on: t is 1 there. */
  readonly topic?: number;
  /** t for all codes, [T], such as that of a document. Borrowed. */
  readonly proportions?: ArrayLike<number>;
}

/** Both codes of a batch, and what they were drawn from. */
interface Codes {
  readonly beta: tf.Tensor2D;
  readonly t: tf.Tensor2D;
  readonly topicKl: tf.Tensor1D;
  readonly posterior: ReflectedGaussian;
  readonly components: Components;
}

/** Variance of the posterior's mean over documents above which a dimension is active. Source: Burda et al. 2015, arXiv:1509.00519. */
const ACTIVE_VARIANCE = 0.01;

/**
 * Topic-guided variational auto-encoder of documents: a neural topic model of their bag of words, and a VAE of their words in order whose
 * prior is a mixture with a Gaussian for each topic. Both are trained together.
 *
 *   topics      a ~ N(0, I)   t = softmax(W a + b)   bag ~ t beta          beta [T, D], q(a | bag) diagonal
 *   prior       p(z | t) = sum_i t_i N(mu_i, diag sigma_i^2)               mu_i and log sigma_i^2 linear maps of beta_i
 *   posterior   q(z | words) = N(H m, H diag(s^2) H')                      H: K reflections, chosen from the state of a GRU
 *   likelihood  p(words | z): a GRU that sees [word, z] at every step      words int32 [B, L], z [B, Z]
 * Source: Wang et al. 2019, arXiv:1903.07137. Where we differ: the divergence from each component is the closed form (`kl`), and
 * both divergences are annealed.
 */
export class TopicGuidedVae {
  readonly config: Readonly<Required<TopicGuidedVaeConfig>>;
  readonly weights: Readonly<Record<string, tf.Variable>>;
  private readonly specs: readonly LayerSpec[];
  private readonly topicModel: TopicModel;
  private readonly sentences: Sentences;
  private readonly reflect: (base: Independent, features: tf.Tensor2D) => Distribution;

  /** @throws RangeError if a value of the configuration does not fit. */
  constructor(config: TopicGuidedVaeConfig = {}) {
    this.config = completeConfig(config);
    const { topicWords, topics, latent, reflections, units, wordDropout, seed } = this.config;
    const [layerSeed, sentenceSeed, topicSeed] = splitSeed(seed, 3) as [number, number, number];
    const flow = householderFlow('posterior', reflections, units, latent);
    this.specs = [
      ...topicSpecs(this.config),
      dense('prior/loc', topicWords, latent),
      dense('prior/log-variance', topicWords, latent),
      dense('posterior/loc', units, latent),
      dense('posterior/log-variance', units, latent),
      ...flow.specs,
      outputSpec(this.config),
    ];
    const topicLogits = tf.tidy(() =>
      tf.variable(tf.tensor(normal(topics * topicWords, topicSeed), [topics, topicWords])),
    );
    this.weights = {
      ...createWeights(this.specs, layerSeed),
      ...sentenceWeights(this.config, sentenceSeed),
      [TOPIC_WORDS]: topicLogits,
    };
    this.topicModel = topicModel(this.weights);
    this.sentences = new Sentences(this.weights, wordDropout);
    this.reflect = flow.bind(this.weights);
  }

  /**
   * Sets the topics to the word frequencies of clusters of the training documents' bags, [N, D] on the host, row after row. To be called
   * before training, if at all: from random topics training often ends with two in one, from these seldom. Same bags, same topics.
   *
   * @throws RangeError unless bags are whole rows, at least one.
   */
  startFromBags(bags: Float32Array): void {
    const { topics, topicWords, seed } = this.config;
    if (bags.length === 0 || bags.length % topicWords !== 0) {
      throw new RangeError(
        `TopicGuidedVae.startFromBags: bags must have rows of ${topicWords} counts, at least one, got ${bags.length} numbers.`,
      );
    }
    const first = clusteredTopics(bags, topicWords, topics, seed);
    tf.tidy(() => this.weights[TOPIC_WORDS]!.assign(tf.log(tf.tensor2d(first, [topics, topicWords]))));
  }

  /**
   * Minus the mean over the batch of both bounds and of the topics' weighed diversity, in nats a document: the scalar to minimise. At
   * `step` of training the divergences count min(1, step / warmup); omitted, in full.
   */
  loss(documents: Documents, seed: number, step = Infinity): tf.Scalar {
    this.check(documents);
    checkSeed('TopicGuidedVae.loss', seed);
    const { warmup, diversity: weight } = this.config;
    const beta = warmup === 0 ? 1 : Math.min(1, step / warmup);
    return tf.tidy(() => {
      const codes = this.codes(documents, seed);
      const kl = tf.mean(tf.add(this.bound(codes), codes.topicKl));
      const topicReconstruction = tf.mean(bagLogProb(documents.bag, codes.t, codes.beta));
      const nats = this.sentences.loss(documents.words, codes.posterior.z, foldIn(seed, 0));
      const bounds = tf.add(tf.sub(nats, topicReconstruction), tf.mul(kl, beta));
      return tf.sub<tf.Scalar>(bounds, tf.mul(diversity(codes.beta), weight));
    });
  }

  /** The bound of each document and its parts, from one draw of both codes; no word is hidden from the writer. */
  elbo(documents: Documents, seed: number): TopicGuidedElbo {
    this.check(documents);
    checkSeed('TopicGuidedVae.elbo', seed);
    return tf.tidy(() => {
      const codes = this.codes(documents, seed);
      const reconstruction = this.sentences.logProb(documents.words, codes.posterior.z);
      const topicReconstruction = bagLogProb(documents.bag, codes.t, codes.beta);
      const kl = this.bound(codes);
      const { topicKl, posterior } = codes;
      const { distribution, z } = posterior;
      const logRatio = tf.sub<tf.Tensor1D>(distribution.logProb(z), this.mixture(codes.t).logProb(z));
      const elbo = tf.add<tf.Tensor1D>(tf.sub(reconstruction, kl), tf.sub(topicReconstruction, topicKl));
      const tokens = tf.sum<tf.Tensor1D>(counted(documents.words), -1);
      return { elbo, reconstruction, kl, klMonteCarlo: logRatio, topicReconstruction, topicKl, tokens };
    });
  }

  /** beta, [T, D]: the probability of each topic word under each topic. */
  topics(): tf.Tensor2D {
    return tf.tidy(() => this.topicModel.topics());
  }

  /** How far the topics point apart, in radians: mean minus variance of the angles between them. */
  diversity(): tf.Scalar {
    return tf.tidy(() => diversity(this.topicModel.topics()));
  }

  /** t at the mean of q(a | bag): the share of each topic in bags [B, D], [B, T]. */
  proportions(bag: tf.Tensor): tf.Tensor2D {
    const rows = this.checkBag(bag);
    return tf.tidy(() => this.topicModel.proportions(this.topicModel.encode(rows).loc));
  }

  /** log p(bag | t) in nats, the words in one order: bags [B, D], t [B, T] -> [B]. */
  bagLogProb(bag: tf.Tensor, t: tf.Tensor): tf.Tensor1D {
    const rows = this.checkBag(bag);
    const shares = this.checkShares('bagLogProb', t);
    return tf.tidy(() => bagLogProb(rows, shares, this.topicModel.topics()));
  }

  /** p(z | t) over [Z] for t [B, T], whose rows add up to 1. Its parameters are made here: use it inside `tf.tidy`. */
  prior(t: tf.Tensor): Distribution {
    return this.mixture(this.checkShares('prior', t));
  }

  /** q(z | words) over [Z], for int32 words [B, L]. Its parameters are made here: use it inside `tf.tidy`. */
  posterior(words: tf.Tensor): Distribution {
    return this.read(this.checkWords(words)).distribution;
  }

  /** KL(q(z | words) || N_i) of every document and topic, [B, T], in nats: the closed form. */
  componentKl(words: tf.Tensor): tf.Tensor2D {
    const rows = this.checkWords(words);
    return tf.tidy(() => componentKl(this.read(rows), this.components(this.topicModel.topics())));
  }

  /** Mean of the posterior, [B, Z]. */
  encode(words: tf.Tensor): tf.Tensor2D {
    const rows = this.checkWords(words);
    return tf.tidy(() => this.read(rows).mean);
  }

  /** Logits of the word at each place of int32 words [B, L], which see the words before it and z [B, Z]: [B, L, V]. */
  logits(words: tf.Tensor, z: tf.Tensor): tf.Tensor3D {
    const rows = this.checkWords(words);
    const codes = this.checkCodes('logits', z);
    return tf.tidy(() => this.sentences.logits(rows, codes));
  }

  /** How many dimensions of the code differ between documents: the variance of the posterior's mean is above 0.01. */
  activeUnits(words: tf.Tensor): tf.Scalar {
    return tf.tidy(() => {
      const { variance } = tf.moments(this.encode(words), 0);
      return tf.sum(tf.cast(tf.greater(variance, ACTIVE_VARIANCE), 'float32'));
    });
  }

  /**
   * `count` codes [count, Z] drawn from p(z | t): of one topic, of given proportions, or each with a t of its own from the prior of t.
   *
   * @throws RangeError if the topic is not one of the model's, or the proportions do not add up to 1.
   */
  sampleCodes(count: number, seed: number, { topic, proportions }: CodeOptions = {}): tf.Tensor2D {
    const { topics } = this.config;
    checkPositiveInteger('TopicGuidedVae.sampleCodes', 'count', count);
    checkSeed('TopicGuidedVae.sampleCodes', seed);
    if (topic !== undefined && !(Number.isInteger(topic) && topic >= 0 && topic < topics)) {
      throw new RangeError(`TopicGuidedVae.sampleCodes: topic must be from 0 to ${topics - 1}, got ${topic}.`);
    }
    if (topic !== undefined && proportions !== undefined) {
      throw new RangeError('TopicGuidedVae.sampleCodes: got both topic and proportions. Leave one out.');
    }
    if (proportions !== undefined) checkProportions(proportions, topics);
    const [ofTopics, ofCodes] = splitSeed(seed) as [number, number];
    const given =
      topic === undefined ? proportions : Float32Array.from({ length: topics }, (_, i) => Number(i === topic));
    return tf.tidy(() => {
      const t =
        given === undefined
          ? this.topicModel.proportions(standardNormal([count, topics], ofTopics) as tf.Tensor2D)
          : tf.tile(tf.tensor2d(Float32Array.from(given), [1, topics]), [count, 1]);
      return this.mixture(t).sample({ seed: ofCodes }) as tf.Tensor2D;
    });
  }

  /** Writes a document from each code [B, Z], word after word: ids without the stop that ended them. */
  async generate(codes: tf.Tensor, seed: number, options: GenerateOptions = {}): Promise<Int32Array[]> {
    const z = this.checkCodes('generate', codes);
    checkSeed('TopicGuidedVae.generate', seed);
    return write(this.sentences, this.config.units, z, seed, options);
  }

  /** `count` documents from codes drawn as by `sampleCodes`. */
  async sample(count: number, seed: number, options: CodeOptions & GenerateOptions = {}): Promise<Int32Array[]> {
    const [ofCodes, ofWords] = splitSeed(seed) as [number, number];
    const z = this.sampleCodes(count, ofCodes, options);
    try {
      return await this.generate(z, ofWords, options);
    } finally {
      z.dispose();
    }
  }

  /** What the writer makes of the posterior's mean, the likeliest word at every step: one document for each of words [B, L]. */
  async reconstruct(words: tf.Tensor): Promise<Int32Array[]> {
    const z = this.encode(words);
    try {
      return await this.generate(z, 0, { temperature: 0, maxTokens: words.shape[1]! });
    } finally {
      z.dispose();
    }
  }

  countParams(): number {
    return countWeights(this.weights);
  }

  /** A row a layer; their `params` add up to `countParams()`. */
  describe(): LayerSummary[] {
    const { topics, topicWords } = this.config;
    const words = { name: TOPIC_WORDS, type: 'Topics', outputShape: [topics, topicWords], params: topics * topicWords };
    const ofSentences = sentenceRows(this.config);
    return [...describeLayers(this.specs), words, ...ofSentences];
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
  }

  private codes({ words, bag }: Documents, seed: number): Codes {
    const [ofTopics, ofCodes] = splitSeed(seed) as [number, number];
    const { loc, logVariance } = this.topicModel.encode(bag);
    const a = new Normal(loc, tf.exp(tf.div(logVariance, 2))).sample({ seed: ofTopics }) as tf.Tensor2D;
    const beta = this.topicModel.topics();
    const posterior = this.read(words, ofCodes);
    return {
      beta,
      t: this.topicModel.proportions(a),
      topicKl: gaussianKl(loc, logVariance),
      posterior,
      components: this.components(beta),
    };
  }

  /** sum over topics of t_i KL(q || N_i), [B]: the KL of a convex combination is at most that of its parts. */
  private bound({ t, posterior, components }: Codes): tf.Tensor1D {
    return tf.sum(tf.mul(t, componentKl(posterior, components)), -1);
  }

  private read(words: tf.Tensor2D, seed = 0): ReflectedGaussian {
    const h = this.sentences.read(words);
    const loc = affine(h, layerWeights(this.weights, 'posterior/loc'));
    const raw = affine(h, layerWeights(this.weights, 'posterior/log-variance'));
    return reflectedGaussian(loc, bounded(raw, LARGEST_LOG_VARIANCE), (base) => this.reflect(base, h), seed);
  }

  private components(beta: tf.Tensor2D): Components {
    return {
      loc: affine(beta, layerWeights(this.weights, 'prior/loc')),
      logVariance: bounded(affine(beta, layerWeights(this.weights, 'prior/log-variance')), LARGEST_LOG_VARIANCE),
    };
  }

  private mixture(t: tf.Tensor2D): Distribution {
    const { loc, logVariance } = this.components(this.topicModel.topics());
    const gaussians = new Independent(new Normal(loc, tf.exp(tf.div(logVariance, 2))), 1);
    return new MixtureSameFamily(Categorical.fromProbs(t), gaussians);
  }

  private check({ words, bag }: Documents): void {
    const [documents] = this.checkWords(words).shape;
    const [bags] = this.checkBag(bag).shape;
    if (documents !== bags) {
      throw new RangeError(`TopicGuidedVae: words and bag must have as many rows, got ${documents} and ${bags}.`);
    }
  }

  private checkWords(words: tf.Tensor): tf.Tensor2D {
    const [batch, length] = words.shape;
    if (words.dtype !== 'int32') {
      throw new TypeError(
        `TopicGuidedVae: words must be int32, got ${words.dtype}. Cast them: tf.cast(words, 'int32').`,
      );
    }
    if (words.rank !== 2 || !batch || !length) {
      throw new RangeError(`TopicGuidedVae: words must be [B, L], both at least 1, got [${words.shape.join(', ')}].`);
    }
    return words as tf.Tensor2D;
  }

  private checkBag(bag: tf.Tensor): tf.Tensor2D {
    return checkRows(
      'TopicGuidedVae',
      'bag',
      bag,
      this.config.topicWords,
      'A row counts the topic words of a document.',
    );
  }

  private checkShares(method: string, t: tf.Tensor): tf.Tensor2D {
    return checkRows(`TopicGuidedVae.${method}`, 't', t, this.config.topics, 'A row has the share of each topic.');
  }

  private checkCodes(method: string, z: tf.Tensor): tf.Tensor2D {
    return checkRows(`TopicGuidedVae.${method}`, 'z', z, this.config.latent, 'A row is one code.');
  }
}

const dense = (name: string, rows: number, columns: number): LayerSpec => ({
  name,
  type: 'Dense',
  outputShape: [columns],
  kernel: [rows, columns],
});

function checkProportions(proportions: ArrayLike<number>, topics: number): void {
  const values = Array.from(proportions);
  const sum = values.reduce((total, share) => total + share, 0);
  if (values.length === topics && values.every((share) => share >= 0) && Math.abs(sum - 1) < 1e-3) return;
  throw new RangeError(
    `TopicGuidedVae.sampleCodes: proportions must be ${topics} numbers from 0 on that add up to 1, got ${values.length} that add up to ${sum}.`,
  );
}
