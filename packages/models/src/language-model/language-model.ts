import { foldIn, uniform } from '@proj/distributions/random';
import { denseCrossEntropy, glorotUniform, sparseCrossEntropy } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import { countWeights, type LayerSummary } from '../internal/weights.ts';
import { complete, type LanguageModelConfig } from './config.ts';
import { carriedState, fullRun, type Network } from './decoders.ts';
import {
  checkGeneration,
  type DrawnToken,
  drawSteps,
  drawTexts,
  type GeneratedText,
  type GenerateTextOptions,
  STOP,
  type StreamTextOptions,
} from './generate.ts';
import { RecurrentLayer, type State } from './recurrent-layer.ts';

/** Logits at a time where each position's loss is wanted: 8 MB. */
const LOGITS = 2 ** 21;

/**
 * A recurrent language model: a distribution over texts of word ids, word after word.
 *
 *   log p(x) = sum over t of log softmax(logits_t(x_0 .. x_t))[x_(t+1)]     x [T + 1], the first word is given
 * Embedding, LSTM or GRU layers, and a dense layer on the last one's outputs, which predicts each row's next word. Id 0 ends a
 * text: it is predicted as any word is, and what stands after the first one in a row pads it and counts nowhere.
 * Source: Foster, Generative Deep Learning, 2nd edition, chapter 5 (the sizes), which counts the padding and trains through a
 * softmax: here it is masked and the loss is of logits. First weights are Keras's: embedding U(-0.05, 0.05), kernels Glorot
 * uniform, recurrent ones orthogonal, biases 0 but 1 for the forget gate.
 */
export class LanguageModel {
  readonly config: Readonly<Required<LanguageModelConfig>>;
  /** In Keras's order and shapes. */
  readonly weights: Readonly<Record<string, tf.Variable>>;
  private readonly embeddings: tf.Variable<tf.Rank.R2>;
  private readonly layers: readonly RecurrentLayer[];
  private readonly output: { readonly kernel: tf.Variable<tf.Rank.R2>; readonly bias: tf.Variable<tf.Rank.R1> };

  /** @throws RangeError if a value of the configuration does not fit. */
  constructor(config: LanguageModelConfig = {}) {
    this.config = complete(config);
    const { vocabulary, embedding, units, layers, seed } = this.config;
    const table = uniform(vocabulary * embedding, foldIn(seed, 0)).map((u) => 0.05 * (2 * u - 1));
    const kernel = glorotUniform([units, vocabulary], foldIn(seed, layers + 1));
    this.embeddings = tf.tidy(() => tf.variable(tf.tensor2d(table, [vocabulary, embedding])));
    this.layers = Array.from({ length: layers }, (_, i) => {
      const sizes = { ...this.config, inputs: i === 0 ? embedding : units };
      return new RecurrentLayer(`${this.config.cell}${i + 1}`, sizes, foldIn(seed, i + 1));
    });
    this.output = tf.tidy(() => ({
      kernel: tf.variable(tf.tensor2d(kernel, [units, vocabulary])),
      bias: tf.variable(tf.zeros<tf.Rank.R1>([vocabulary])),
    }));
    this.weights = {
      'embedding/embeddings': this.embeddings,
      ...Object.assign({}, ...this.layers.map(({ variables }) => variables)),
      'output/kernel': this.output.kernel,
      'output/bias': this.output.bias,
    };
  }

  /** Logits [B, T, V] of the word after each of tokens int32 [B, T], ids 0 to V - 1. All of them at once: 4 B T V bytes. */
  logits(tokens: tf.Tensor): tf.Tensor3D {
    const checked = checkTokens('LanguageModel.logits', 'tokens', tokens, 1);
    return tf.tidy(() => {
      const { units, vocabulary } = this.config;
      const rows = tf.reshape(this.run(checked).outputs, [tokens.size, units]) as tf.Tensor2D;
      return tf.reshape(this.logitsOf(rows, this.output.bias), [...checked.shape, vocabulary]);
    });
  }

  /**
   * The scalar to minimise for rows int32 [B, T + 1]: the mean, over all targets of the batch that count, of -log p in nats a token.
   * Targets are ids 1 to T of each row, up to and including its first 0. No row need have a target; with none at all it is 0.
   * With `@proj/backend` the logits never exist as a whole.
   */
  loss(rows: tf.Tensor, _seed?: number): tf.Scalar {
    const checked = checkTokens('LanguageModel.loss', 'rows', rows, 2);
    return tf.tidy(() => {
      const { inputs, targets, mask } = split(checked);
      return denseCrossEntropy(this.run(inputs).outputs, this.output, targets, { mask });
    });
  }

  /** -log p in nats of every target of rows int32 [B, T + 1], 0 for those that don't count (see `loss`): [B, T]. For evaluation: some
   * positions at a time, not all logits at once. */
  tokenNats(rows: tf.Tensor): tf.Tensor2D {
    const checked = checkTokens('LanguageModel.tokenNats', 'rows', rows, 2);
    return tf.tidy(() => this.natsOf(split(checked)));
  }

  /**
   * Of each of rows int32 [B, T + 1]: `nats`, the sum of -log p of the targets that count (see `loss`), and `tokens`, their number, [B]
   * each. The sums of both over a corpus make its mean nats a token, and exp of that is its perplexity.
   */
  score(rows: tf.Tensor): { nats: tf.Tensor1D; tokens: tf.Tensor1D } {
    const checked = checkTokens('LanguageModel.score', 'rows', rows, 2);
    return tf.tidy(() => {
      const parts = split(checked);
      return { nats: tf.sum<tf.Tensor1D>(this.natsOf(parts), 1), tokens: tf.sum<tf.Tensor1D>(parts.mask, 1) };
    });
  }

  /**
   * Draws `count` texts at once that begin with the prompt, each up to its stop or `maxTokens`. The states are carried from token
   * to token, so that one costs the same wherever it stands.
   *
   * @throws RangeError if an option does not fit; whatever the signal's reason is, if it stops the drawing.
   */
  async generate(options: GenerateTextOptions): Promise<GeneratedText[]> {
    checkGeneration('LanguageModel.generate', this.config.vocabulary, options);
    return drawTexts(carriedState(this.network(), options.count ?? 1, options.ban ?? []), options);
  }

  /** `generate` of one text, token by token as they are drawn, its stop the last. To end it early, leave the loop. */
  async *stream(options: StreamTextOptions): AsyncGenerator<DrawnToken> {
    const one = { ...options, count: 1 };
    checkGeneration('LanguageModel.stream', this.config.vocabulary, one);
    for await (const [drawn] of drawSteps(carriedState(this.network(), 1, options.ban ?? []), one)) yield drawn!;
  }

  /** What `generate` does, by running over the whole text for every token: quadratic, and its reference. Same seed, same texts. */
  async generateByFullRun(options: GenerateTextOptions): Promise<GeneratedText[]> {
    checkGeneration('LanguageModel.generateByFullRun', this.config.vocabulary, options);
    return drawTexts(fullRun(this.network(), options.count ?? 1, options.ban ?? []), options);
  }

  countParams(): number {
    return countWeights(this.weights);
  }

  /** A row a layer; their `params` add up to `countParams()`. */
  describe(): LayerSummary[] {
    const { embedding, units, vocabulary, cell } = this.config;
    const row = (name: string, type: string, width: number): LayerSummary => {
      const own = Object.entries(this.weights).filter(([key]) => key.startsWith(`${name}/`));
      return { name, type, outputShape: [null, null, width], params: countWeights(Object.fromEntries(own)) };
    };
    return [
      row('embedding', 'Embedding', embedding),
      ...this.layers.map(({ name }) => row(name, cell.toUpperCase(), units)),
      row('output', 'Dense', vocabulary),
    ];
  }

  dispose(): void {
    tf.dispose(Object.values(this.weights));
  }

  private network(): Network {
    return {
      run: (tokens) => this.run(tokens),
      step: (tokens, states) => this.step(tokens, states),
      logits: (outputs, bias) => this.logitsOf(outputs, bias),
      bias: this.output.bias,
    };
  }

  private run(tokens: tf.Tensor2D): { outputs: tf.Tensor; states: State[] } {
    let outputs: tf.Tensor = tf.gather(this.embeddings, tokens); // [B, T, E]
    const states = this.layers.map((layer) => {
      const done = layer.run(outputs);
      outputs = done.outputs;
      return done.state;
    });
    return { outputs, states };
  }

  private step(tokens: tf.Tensor1D, states: State[]): { output: tf.Tensor2D; states: State[] } {
    let output: tf.Tensor = tf.gather(this.embeddings, tokens); // [B, E]
    const next = this.layers.map((layer, i) => {
      const state = layer.step(output, states[i]!);
      output = state[0]!;
      return state;
    });
    return { output: output as tf.Tensor2D, states: next };
  }

  private logitsOf(outputs: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
    return tf.fused.matMul({ a: outputs, b: this.output.kernel, bias }) as tf.Tensor2D;
  }

  /** [B, T], some positions at a time. */
  private natsOf({ inputs, targets, mask }: ReturnType<typeof split>): tf.Tensor2D {
    const { units, vocabulary } = this.config;
    const positions = inputs.size;
    const outputs = tf.reshape(this.run(inputs).outputs, [positions, units]) as tf.Tensor2D;
    const [labels, live] = [targets, mask].map((t) => tf.reshape(t, [positions])) as [tf.Tensor1D, tf.Tensor1D];
    const piece = Math.max(1, Math.floor(LOGITS / vocabulary));
    const pieces: tf.Tensor1D[] = [];
    for (let from = 0; from < positions; from += piece) {
      const size = Math.min(piece, positions - from);
      pieces.push(
        tf.tidy(() => {
          const logits = this.logitsOf(tf.slice(outputs, [from, 0], [size, units]), this.output.bias);
          const [own, counts] = [labels, live].map((t) => tf.slice(t, from, size)) as [tf.Tensor1D, tf.Tensor1D];
          return sparseCrossEntropy(logits, own, { mask: counts }) as tf.Tensor1D;
        }),
      );
    }
    return tf.reshape(tf.concat(pieces), inputs.shape);
  }
}

/** Inputs [B, T] and targets [B, T] of rows [B, T + 1], and which targets count: those without a stop among their inputs. */
function split(rows: tf.Tensor2D): { inputs: tf.Tensor2D; targets: tf.Tensor2D; mask: tf.Tensor2D } {
  const [batch, length] = rows.shape;
  return tf.tidy(() => {
    const inputs = tf.slice(rows, [0, 0], [batch, length - 1]);
    const targets = tf.slice(rows, [0, 1], [batch, length - 1]);
    const stops = tf.cumsum(tf.cast(tf.equal(inputs, STOP), 'int32'), 1);
    return { inputs, targets, mask: tf.cast(tf.equal(stops, 0) as tf.Tensor2D, 'float32') };
  });
}

function checkTokens(who: string, name: string, x: tf.Tensor, least: number): tf.Tensor2D {
  if (x.dtype !== 'int32') {
    throw new TypeError(`${who}: ${name} must be int32, got ${x.dtype}. Convert them: tf.cast(${name}, 'int32').`);
  }
  if (x.rank !== 2 || x.shape[0]! < 1 || x.shape[1]! < least) {
    const wanted = least === 1 ? '[B, T] with B and T at least 1' : '[B, T + 1] with B and T at least 1';
    throw new RangeError(`${who}: ${name} must be ${wanted}, got [${x.shape.join(', ')}].`);
  }
  return x as tf.Tensor2D;
}
