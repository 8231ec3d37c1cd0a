// A user's own VAE: layers, distributions and training of ours, the rest of TensorFlow.js. Prints its first and last loss.
// The toy set: one bar in 4 x 4 pixels, a row or a column. 8 pictures, so no model gets below log 8 = 2.08 nats, and one
// that knows the pixels alone (a quarter of them are on) stays at 9.00.
import { Bernoulli, Independent, klDivergence, Normal } from '@proj/distributions';
import { RmsNorm } from '@proj/layers';
import { arrayDataset, fit, type TrainableModel } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';

const bars = Float32Array.from({ length: 128 * 16 }, (_, i) => {
  const [picture, row, column] = [(i >> 4) % 8, (i >> 2) % 4, i % 4];
  return (picture < 4 ? row : column) === picture % 4 ? 1 : 0;
});

function network(inputs: number, outputs: number, seed: number): tfl.Sequential {
  const init = { kernelInitializer: tfl.initializers.glorotUniform({ seed }) };
  const hidden = tfl.layers.dense({ inputShape: [inputs], units: 32, activation: 'tanh', ...init });
  return tfl.sequential({ layers: [hidden, new RmsNorm(), tfl.layers.dense({ units: outputs, ...init })] });
}

class BarVae implements TrainableModel<tf.Tensor> {
  private readonly encoder = network(16, 4, 1); // [B, 16] -> [B, 2 Z]
  private readonly decoder = network(2, 16, 2); // [B, Z] -> [B, 16]
  private readonly prior = new Independent(new Normal(tf.zeros([2]), tf.ones([2])), 1);
  readonly weights = Object.fromEntries(
    [...this.encoder.weights, ...this.decoder.weights].map((weight, i) => [
      `weight-${i}`,
      weight.read() as tf.Variable,
    ]),
  );

  /** Negative ELBO in nats, mean over the pictures x [B, 16]. */
  loss(x: tf.Tensor, seed: number): tf.Scalar {
    return tf.tidy(() => {
      const [loc, preScale] = tf.split(this.encoder.apply(x) as tf.Tensor, 2, -1);
      const posterior = new Independent(new Normal(loc!, tf.softplus(preScale!)), 1);
      const logits = this.decoder.apply(posterior.sample({ seed })) as tf.Tensor;
      const reconstruction = new Independent(new Bernoulli(logits), 1).logProb(x);
      return tf.mean(tf.sub(klDivergence(posterior, this.prior), reconstruction));
    });
  }
}

async function main(): Promise<void> {
  const options = { epochs: 100, batchSize: 32, seed: 1, learningRate: 0.01 };
  const { history } = await fit(new BarVae(), arrayDataset(bars, [16]), options);
  console.log(JSON.stringify([history[0]?.loss, history.at(-1)?.loss]));
}
void main();
