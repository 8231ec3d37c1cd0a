import * as tf from '@tensorflow/tfjs-core';

/** Kernel of `@proj/backend`: the log-likelihood, and its gradients in the same pass where they are asked for. */
const FUSED = 'ProjLogisticMixture';

/** Whether the engine has it. */
export const hasFusedMixture = (): boolean => tf.getKernel(FUSED, tf.getBackend()) !== undefined;

/** Logits [1, P, K], loc and scale [1, P, K, C], coefficients [1, P, K, J]; P mixtures. */
export type FlatMixture = readonly [logits: tf.Tensor, loc: tf.Tensor, scale: tf.Tensor, coefficients?: tf.Tensor];

/**
 * Log probability [S, P] of integers y [S, P, 1, C] by that kernel; `plain` gives the same in operations, whose gradients
 * serve where someone differentiates the gradient. That by y is 0.
 */
export function fusedLogMass(
  mixture: FlatMixture,
  y: tf.Tensor,
  { low, high }: { low: number; high: number },
  plain: (mixture: FlatMixture, y: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  const gradient = tf.engine().isTapeOn(); // nobody asks for it in evaluation; inside customGrad the tape is hidden
  const withGradient = tf.customGrad((...args) => {
    const inputs = args.slice(0, -1) as tf.Tensor[];
    const save = args.at(-1) as tf.GradSaveFunc;
    const [logProb, ...slopes] = run(inputs, { low, high, gradient });
    save([...inputs, ...slopes]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [value, ...parts] = saved.slice(0, inputs.length) as [tf.Tensor, ...tf.Tensor[]];
      const own = tf.engine().isTapeOn()
        ? tf.grads((...p) => plain(p as unknown as FlatMixture, value))(parts, dy)
        : parts.map((t, i) => scaled(saved[inputs.length + i]!, dy, t));
      return [tf.zerosLike(value), ...own];
    };
    return { value: logProb!, gradFunc };
  });
  return withGradient(y, ...(mixture.filter((t) => t !== undefined) as tf.Tensor[]));
}

type Attrs = { low: number; high: number; gradient: boolean };

/** [S, P], and slopes [S P, ...] of the parameters. */
function run([y, logits, loc, scale, slopes]: tf.Tensor[], attrs: Attrs): tf.Tensor[] {
  const [sets, pixels] = y!.shape as [number, number];
  const [, , components, channels] = loc!.shape as [number, number, number, number];
  return tf.tidy(() => {
    const inputs = {
      value: tf.reshape(y!, [sets * pixels, channels]),
      logits: tf.squeeze(logits!, [0]),
      loc: tf.squeeze(loc!, [0]),
      scale: tf.squeeze(scale!, [0]),
      coefficients: slopes === undefined ? tf.zeros([pixels, components, 0]) : tf.squeeze(slopes, [0]),
    };
    const [logProb, ...gradients] = tf.engine().runKernel<tf.Tensor[]>(FUSED, inputs, attrs);
    return [tf.reshape(logProb!, [sets, pixels]), ...gradients];
  });
}

/** The gradient by an input [1, P, ...] from the slope [S P, ...] of every value and dy [S, P]. */
function scaled(slope: tf.Tensor, dy: tf.Tensor, input: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const rows = tf.mul(slope, tf.reshape(dy, [dy.size, ...input.shape.slice(2).map(() => 1)]));
    const [sets, each] = [dy.shape[0]!, input.shape.slice(1)];
    return sets === 1 ? tf.reshape(rows, input.shape) : tf.sum(tf.reshape(rows, [sets, ...each]), 0, true);
  });
}
