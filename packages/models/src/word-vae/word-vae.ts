import { standardNormal } from '@proj/distributions';
import { splitSeed, uniform } from '@proj/distributions/random';
import { denseCrossEntropy, sparseCrossEntropy } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { affine } from '../internal/affine.ts';
import { checkPositiveInteger, checkRows, checkSeed } from '../internal/check.ts';
import { gaussianKl, gaussianKlOfEach } from '../internal/gaussian-kl.ts';
import { importanceBound } from '../internal/importance-bound.ts';
import { countWeights, type LayerSummary, type LayerWeights } from '../internal/weights.ts';
import { drawToken } from '../sampling/draw-token.ts';
import { tokenDistribution } from '../sampling/token-distribution.ts';
import { interpolate } from '../vae/latent-walks.ts';
import type { ElboTerms } from '../vae/vae.ts';
import { beamSearch } from './beam.ts';
import { completeConfig, type WordVaeConfig } from './config.ts';
import { WordNetwork, type WordPosterior, type WordState } from './network.ts';
import { shownLetters } from './shown-letters.ts';

export interface WordDecodeOptions {
  /** Divides the logits of the letters: 1 draws as the model would, 0 takes the likeliest letter each time (the default of `decode`). */
  temperature?: number;
  /** Of the draws; nothing is drawn at temperature 0. */
  seed?: number;
  /** Symbols at most, the end included; the configuration's if omitted. A word cut there has no end. */
  length?: number;
}

export interface WordInterpolationOptions extends Pick<WordDecodeOptions, 'length'> {
  /** Along the arc between the codes and not the straight line: see `interpolate`. */
  spherical?: boolean;
}

const ROWS_AT_ONCE = 2048; // read or written together: of 16 symbols, 25 MB of gates' inputs
/** Variance of the posterior's mean over words above which a dimension is active. Source: Burda et al. 2015. */
const ACTIVE_VARIANCE = 0.01;

/**
 * Variational auto-encoder of words, letter by letter.
 *
 *   prior       p(z)        = Normal(0, 1)                           z [B, Z], one code a word
 *   posterior   q(z | word) = Normal(loc, scale)                     from the state of a GRU after the end symbol
 *   likelihood  p(word | z) = product of Categorical(logits[t])      a second GRU, which starts from tanh of an affine map of z
 *                                                                    and sees [embedding of the symbol before, z] at every step
 *
 * Words are int32 rows [B, T] of any T: letters 0 .. L - 1, an end L + 1, then pads L + 2. What @proj/io's `CharacterVocabulary.rows` gives.
 * Start (L) and pad have no probability: over words and their unfinished beginnings of one length probabilities sum to one. Figures
 * count the end symbol. Values outside these are an error where the engine checks them, see `sparseCrossEntropy`.
 * Source: Bowman et al. 2016, arXiv:1511.06349 (word dropout, annealing); free bits: Kingma et al. 2016, arXiv:1606.04934.
 */
export class WordVae {
  readonly config: Readonly<Required<WordVaeConfig>>;
  readonly weights: Readonly<Record<string, tf.Variable>>;
  private readonly network: WordNetwork;

  /** @throws RangeError if a value of the configuration does not fit. */
  constructor(config: WordVaeConfig = {}) {
    this.config = completeConfig(config);
    this.network = new WordNetwork(this.config);
    this.weights = this.network.weights;
  }

  /** Weight of the KL in the loss after so many steps. */
  klWeight(step: number): number {
    const { beta, warmup } = this.config;
    return step < warmup ? (beta * step) / warmup : beta;
  }

  /**
   * `-log p(word | z) + weight * KL` from one posterior sample: summed over symbols, a mean over the batch, in nats a word. The scalar to
   * minimise. The weight is that of `step`, by default the last; a dimension's batch mean of the KL counts as `freeBits` at least;
   * letters that the decoder sees are hidden with probability `wordDropout`.
   */
  loss(x: tf.Tensor, seed: number, step = Infinity): tf.Scalar {
    const words = this.checkWords(x);
    checkSeed('WordVae.loss', seed);
    const [noiseSeed, dropSeed] = splitSeed(seed) as [number, number];
    return tf.tidy(() => {
      const mask = this.network.mask(words);
      const { loc, logVariance } = this.network.encode(words, mask);
      const noise = standardNormal(loc.shape, noiseSeed);
      const z = tf.add<tf.Tensor2D>(loc, tf.mul(tf.exp(tf.div(logVariance, 2)), noise));
      const states = this.network.states(this.hidden(words, dropSeed), this.network.start(z));
      const weights = tf.div(mask, words.shape[0]);
      const nats = denseCrossEntropy(states, this.network.output(), this.network.labels(words), { weights });
      const each = tf.mean(gaussianKlOfEach(loc, logVariance), 0); // [Z]
      const rate = tf.sum(tf.maximum(each, this.config.freeBits));
      return tf.add<tf.Scalar>(nats, tf.mul(rate, this.klWeight(step)));
    });
  }

  /** The bound of each word and its two parts, each [B], from one posterior sample; the KL in closed form. Nothing is hidden. */
  elbo(x: tf.Tensor, seed: number): ElboTerms {
    const words = this.checkWords(x);
    checkSeed('WordVae.elbo', seed);
    return tf.tidy(() => {
      const { loc, logVariance } = this.network.encode(words, this.network.mask(words));
      const z = tf.add<tf.Tensor2D>(loc, tf.mul(tf.exp(tf.div(logVariance, 2)), standardNormal(loc.shape, seed)));
      const reconstruction = this.logLikelihood(words, z);
      const kl = gaussianKl(loc, logVariance);
      return { elbo: tf.sub<tf.Tensor1D>(reconstruction, kl), reconstruction, kl };
    });
  }

  /**
   * Importance-weighted bound of each word, [B], in nats: log of the mean of p(word, z) / q(z | word) over k posterior samples. Grows with k
   * towards log p(word).
   */
  iwae(x: tf.Tensor, k: number, seed: number): tf.Tensor1D {
    const words = this.checkWords(x);
    checkPositiveInteger('WordVae.iwae', 'k', k);
    checkSeed('WordVae.iwae', seed);
    return tf.tidy(() => {
      const [batch] = words.shape;
      const { latent } = this.config;
      const { loc, logVariance } = this.network.encode(words, this.network.mask(words));
      const scale = tf.exp(tf.div(logVariance, 2));
      const logScale = tf.div(tf.sum(logVariance, -1), 2); // [B]
      const sizes = { batch, k, seed, rowsAtOnce: ROWS_AT_ONCE };
      return importanceBound(sizes, (draws, chunkSeed) => {
        const noise = standardNormal([draws, batch, latent], chunkSeed);
        const z = tf.add(loc, tf.mul(scale, noise)); // [S, B, Z]
        const likelihood = this.logLikelihood(tf.tile(words, [draws, 1]), tf.reshape(z, [draws * batch, latent]));
        const squares = tf.sum(tf.sub(tf.square(noise), tf.square(z)), -1); // the constants of both densities cancel
        return tf.add(tf.reshape(likelihood, [draws, batch]), tf.add(tf.div(squares, 2), logScale));
      });
    });
  }

  /** Symbols of each word that figures count, letters and end: [B]. */
  symbolCounts(x: tf.Tensor): tf.Tensor1D {
    const words = this.checkWords(x);
    return tf.tidy(() => tf.sum(this.network.mask(words), 1));
  }

  /** Mean and standard deviations of the posterior, each [B, Z]. */
  encode(x: tf.Tensor): { loc: tf.Tensor2D; scale: tf.Tensor2D } {
    const words = this.checkWords(x);
    return tf.tidy(() => {
      const { loc, logVariance } = this.posterior(words);
      return { loc, scale: tf.exp(tf.div<tf.Tensor2D>(logVariance, 2)) };
    });
  }

  /**
   * Logits of every symbol given z and those before it, [B, T, C]. C are the symbols 0 .. L + 2, start and pad at -1e9, or with 'small' the
   * letters and the end.
   */
  logits(x: tf.Tensor, z: tf.Tensor): tf.Tensor3D {
    const words = this.checkWords(x);
    const codes = this.checkCodes('logits', z, words.shape[0]);
    return tf.tidy(() => {
      const states = this.network.states(this.before(words), this.network.start(codes));
      const [batch, steps, units] = states.shape;
      const logits = affine(tf.reshape(states, [batch * steps, units]), this.network.output() as LayerWeights);
      return tf.reshape(logits, [batch, steps, this.network.classes]);
    });
  }

  /** log p(word | z) in nats, [B]: the sum over a word's symbols, its end too if it has one. */
  logLikelihood(x: tf.Tensor, z: tf.Tensor): tf.Tensor1D {
    const words = this.checkWords(x);
    return tf.tidy(() => {
      const mask = this.network.mask(words);
      return tf.neg(
        tf.sum<tf.Tensor1D>(sparseCrossEntropy(this.logits(words, z), this.network.labels(words), { mask }), 1),
      );
    });
  }

  /**
   * 1 for each word that greedy decoding of the posterior's mean gives back letter for letter, end included, else 0: [B].
   *
   * Without decoding: greedy decoding gives a word back exactly if at each of its symbols, after the true ones before, that one is the likeliest.
   */
  reconstructed(x: tf.Tensor): tf.Tensor1D {
    const words = this.checkWords(x);
    return tf.tidy(() => {
      const likeliest = tf.argMax(this.logits(words, this.posterior(words).loc), -1); // [B, T]
      const isPad = tf.equal(this.network.mask(words), 0);
      const isRight = tf.logicalOr(isPad, tf.equal(likeliest, this.network.labels(words)));
      return tf.cast(tf.all<tf.Tensor1D>(isRight, 1), 'float32');
    });
  }

  /** Share of the words that are `reconstructed`. Words x [N, T], as many as there are. */
  reconstructionRate(x: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.mean<tf.Scalar>(this.inParts(x, (part) => this.reconstructed(part))));
  }

  /** Variance over the words of the posterior's mean, [Z]. Words x [N, T], as many as there are. */
  latentVariance(x: tf.Tensor): tf.Tensor1D {
    return tf.tidy(
      () =>
        tf.moments(
          this.inParts(x, (part) => this.posterior(part).loc),
          0,
        ).variance as tf.Tensor1D,
    );
  }

  /** How many dimensions of the code are in use: those whose `latentVariance` is above 0.01. */
  activeUnits(x: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.sum(tf.cast(tf.greater(this.latentVariance(x), ACTIVE_VARIANCE), 'float32')));
  }

  /** Codes [B, Z] to the state before the first letter, for `next`. The caller disposes both parts. */
  start(z: tf.Tensor): WordState {
    const codes = this.checkCodes('start', z);
    return tf.tidy(() => this.network.start(codes));
  }

  /**
   * One step: the symbols [B] just written, starts first, to the logits of the next ones, [B, C], and the state there. The caller
   * disposes what comes; the state that was given stays as it was.
   */
  next(symbols: tf.Tensor, { code, h }: WordState): { logits: tf.Tensor2D; state: WordState } {
    const batch = h.shape[0];
    return tf.tidy(() => {
      const states = this.network.states(tf.reshape(symbols, [batch, 1]), { code, h });
      const last = tf.reshape(states, [batch, this.config.units]) as tf.Tensor2D;
      const logits = affine(last, this.network.output() as LayerWeights);
      return { logits, state: { code: tf.clone(code), h: last } };
    });
  }

  /** Words of codes [B, Z], int32 rows [B, length], by default the likeliest letter each time. The state is carried from letter to letter. */
  async decode(
    z: tf.Tensor,
    { temperature = 0, seed = 0, length = this.config.length }: WordDecodeOptions = {},
  ): Promise<tf.Tensor2D> {
    const codes = this.checkCodes('decode', z);
    checkSeed('WordVae.decode', seed);
    checkPositiveInteger('WordVae.decode', 'length', length);
    if (!(temperature >= 0 && temperature < Infinity)) {
      throw new RangeError(`WordVae.decode: temperature must be 0 or more, got ${temperature}. 0 takes the likeliest.`);
    }
    const [batch] = codes.shape;
    const { letters } = this.config;
    const rows = new Int32Array(batch * length).fill(letters + 2);
    const written = new Int32Array(batch).fill(letters); // starts
    const isLive = new Uint8Array(batch).fill(1);
    const draws = temperature > 0 ? uniform(batch * length, seed) : new Float32Array(batch * length);
    let state = this.start(codes);
    try {
      for (let t = 0; t < length && isLive.includes(1); t++) {
        const logits = await this.advance(written, state, (next) => {
          state = next;
        });
        for (let b = 0; b < batch; b++) {
          if (isLive[b] === 0) continue;
          const own = logits.subarray(b * this.network.classes, (b + 1) * this.network.classes);
          const symbol = this.symbolOf(drawToken(tokenDistribution(own, { temperature }), draws[b * length + t]!));
          rows[b * length + t] = symbol;
          written[b] = symbol;
          if (symbol === letters + 1) isLive[b] = 0;
        }
      }
    } finally {
      tf.dispose([state.code, state.h]);
    }
    return tf.tensor2d(rows, [batch, length], 'int32');
  }

  /**
   * The likeliest words of codes [B, Z] that a beam of `width` finds, int32 rows [B, length]: better than `decode`, which is a beam of 1, at
   * `width` times its cost.
   */
  async decodeByBeam(z: tf.Tensor, width: number, { length = this.config.length } = {}): Promise<tf.Tensor2D> {
    const codes = this.checkCodes('decodeByBeam', z);
    checkPositiveInteger('WordVae.decodeByBeam', 'width', width);
    checkPositiveInteger('WordVae.decodeByBeam', 'length', length);
    const { letters } = this.config;
    const [batch] = codes.shape;
    const tiled = tf.tidy(() => tf.gather(codes, repeated(batch, width)));
    let state = this.start(tiled);
    tiled.dispose();
    try {
      const words = await beamSearch({
        ...{ batch, width, length, classes: this.network.classes, start: letters, end: letters + 1 },
        symbolOf: (c) => this.symbolOf(c),
        next: (symbols, parents) => {
          const { code, h } = state;
          state = { code, h: tf.tidy(() => tf.gather(h, tf.tensor1d(parents, 'int32'))) };
          h.dispose();
          return this.advance(symbols, state, (next) => {
            state = next;
          });
        },
      });
      const rows = new Int32Array(batch * length).fill(letters + 2);
      words.forEach((word, b) => {
        rows.set(word, b * length);
      });
      return tf.tensor2d(rows, [batch, length], 'int32');
    } finally {
      tf.dispose([state.code, state.h]);
    }
  }

  /** `count` codes from the prior, [count, Z]. */
  sampleCodes(count: number, seed: number): tf.Tensor2D {
    checkPositiveInteger('WordVae.sample', 'count', count);
    checkSeed('WordVae.sample', seed);
    return standardNormal([count, this.config.latent], seed) as tf.Tensor2D;
  }

  /** `count` words from the prior, int32 rows [count, length]; the temperature, 1 if omitted, is of their letters alone. */
  async sample(
    count: number,
    seed: number,
    { temperature = 1, length }: Omit<WordDecodeOptions, 'seed'> = {},
  ): Promise<tf.Tensor2D> {
    const [codeSeed, drawSeed] = splitSeed(seed) as [number, number];
    const codes = this.sampleCodes(count, codeSeed);
    try {
      return await this.decode(codes, { temperature, seed: drawSeed, ...(length !== undefined && { length }) });
    } finally {
      codes.dispose();
    }
  }

  /** Greedy words of the posterior's mean, int32 rows [B, length]. */
  reconstruct(x: tf.Tensor, options: Pick<WordDecodeOptions, 'length'> = {}): Promise<tf.Tensor2D> {
    const words = this.checkWords(x);
    return this.decodeAndDispose(
      tf.tidy(() => this.posterior(words).loc),
      options,
    );
  }

  /** Greedy words of `steps` codes on the way from word `a` to word `b`, each [1, T]: int32 rows [steps, length]. */
  interpolate(
    a: tf.Tensor,
    b: tf.Tensor,
    steps: number,
    { spherical = false, ...options }: WordInterpolationOptions = {},
  ): Promise<tf.Tensor2D> {
    const [from, to] = [this.checkWords(a), this.checkWords(b)];
    const codes = tf.tidy(() => interpolate(this.posterior(from).loc, this.posterior(to).loc, steps, { spherical }));
    return this.decodeAndDispose(codes, options);
  }

  countParams(): number {
    return countWeights(this.weights);
  }

  /** A row a layer; their `params` add up to `countParams()`. */
  describe(): LayerSummary[] {
    return this.network.layers.map((row) => ({ ...row }));
  }

  dispose(): void {
    this.network.dispose();
  }

  private posterior(words: tf.Tensor2D): WordPosterior {
    return this.network.encode(words, this.network.mask(words));
  }

  /** The symbol before each, a start first. */
  private before(words: tf.Tensor2D): tf.Tensor2D {
    const [batch, steps] = words.shape;
    const start = tf.fill<tf.Rank.R2>([batch, 1], this.config.letters, 'int32');
    return tf.concat2d([start, tf.slice2d(words, [0, 0], [batch, steps - 1])], 1);
  }

  /** The same, letters hidden behind pads with probability `wordDropout`. */
  private hidden(words: tf.Tensor2D, seed: number): tf.Tensor2D {
    const { wordDropout, letters, config } = this.config;
    const before = this.before(words);
    if (wordDropout === 0 || config === 'small') return before;
    const [batch, steps] = words.shape;
    const shown = shownLetters([batch, steps], wordDropout, seed);
    const pads = shown.map((isShown) => (1 - isShown) * (letters + 2));
    const plane = (values: Int32Array) => tf.tensor2d(values, [batch, steps], 'int32');
    return tf.add(tf.mul(before, plane(shown)), plane(pads));
  }

  /** Makes one step, gives its logits [B C] on the host, and puts the new state in place of the old. */
  private async advance(
    symbols: Int32Array,
    state: WordState,
    replace: (next: WordState) => void,
  ): Promise<Float32Array> {
    const { logits, state: next } = tf.tidy(() => this.next(tf.tensor1d(symbols, 'int32'), state));
    tf.dispose([state.code, state.h]);
    replace(next);
    try {
      return await logits.data<'float32'>();
    } finally {
      logits.dispose();
    }
  }

  private async decodeAndDispose(codes: tf.Tensor2D, options: WordDecodeOptions): Promise<tf.Tensor2D> {
    try {
      return await this.decode(codes, options);
    } finally {
      codes.dispose();
    }
  }

  /** Of an output's class; they differ with 'small', which has no start. */
  private symbolOf(index: number): number {
    return this.config.config === 'small' && index === this.config.letters ? index + 1 : index;
  }

  /** `f` of some rows at a time, joined. */
  private inParts<T extends tf.Tensor>(x: tf.Tensor, f: (part: tf.Tensor2D) => T): T {
    const words = this.checkWords(x);
    const parts: T[] = [];
    for (let start = 0; start < words.shape[0]; start += ROWS_AT_ONCE) {
      const rows = Math.min(ROWS_AT_ONCE, words.shape[0] - start);
      parts.push(tf.tidy(() => f(tf.slice2d(words, [start, 0], [rows, words.shape[1]]))));
    }
    return tf.concat(parts);
  }

  private checkWords(x: tf.Tensor): tf.Tensor2D {
    if (x.dtype !== 'int32') {
      throw new TypeError(`WordVae: x must be int32, got ${x.dtype}. Its rows are symbols: letters, end, pads.`);
    }
    if (x.rank !== 2 || x.size === 0) {
      throw new RangeError(`WordVae: x must be [B, T], neither of them 0, got [${x.shape.join(', ')}].`);
    }
    return x as tf.Tensor2D;
  }

  private checkCodes(method: string, z: tf.Tensor, batch?: number): tf.Tensor2D {
    const codes = checkRows(`WordVae.${method}`, 'z', z, this.config.latent, 'A row is one code.');
    if (batch !== undefined && codes.shape[0] !== batch) {
      throw new RangeError(`WordVae.${method}: z must have a code for each of ${batch} words, got ${codes.shape[0]}.`);
    }
    return codes;
  }
}

/** 0 0 0 1 1 1 ...: each of `count` row numbers `times` times. */
const repeated = (count: number, times: number): tf.Tensor1D =>
  tf.tensor1d(
    Int32Array.from({ length: count * times }, (_, i) => Math.floor(i / times)),
    'int32',
  );
