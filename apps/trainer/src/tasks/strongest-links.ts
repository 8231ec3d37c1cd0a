import * as tf from '@tensorflow/tfjs-core';

/** A pair of nodes and the probability that they are linked. */
export interface Link {
  readonly from: number;
  readonly to: number;
  readonly probability: number;
}

/** Rows of logits read at once: [256, N]. */
const BLOCK = 256;

/**
 * The `count` pairs i < j of the greatest z_i . z_j, z [N, Z], that are not among the known edges [E, 2]; falling, and among equals
 * in order of the nodes. All pairs are looked at, a block of rows at a time.
 */
export async function strongestLinks(z: tf.Tensor2D, known: Int32Array, count: number): Promise<Link[]> {
  const [nodes, size] = z.shape;
  const taken = new Set<number>();
  for (let e = 0; e < known.length; e += 2) {
    taken.add(Math.min(known[e]!, known[e + 1]!) * nodes + Math.max(known[e]!, known[e + 1]!));
  }
  let best: { key: number; logit: number }[] = [];
  let threshold = Number.NEGATIVE_INFINITY;
  const keepBest = () => {
    best.sort((a, b) => b.logit - a.logit || a.key - b.key);
    best = best.slice(0, count);
    if (best.length === count) threshold = best[count - 1]!.logit;
  };
  for (let start = 0; start < nodes; start += BLOCK) {
    const rows = Math.min(BLOCK, nodes - start);
    const block = tf.tidy(() => tf.matMul(tf.slice(z, [start, 0], [rows, size]), z, false, true)); // [rows, N]
    const logits = await block.data();
    block.dispose();
    for (let i = start; i < start + rows; i++) {
      for (let j = i + 1; j < nodes; j++) {
        const logit = logits[(i - start) * nodes + j]!;
        if (logit <= threshold || taken.has(i * nodes + j)) continue;
        best.push({ key: i * nodes + j, logit });
        if (best.length >= 2 * count + 1000) keepBest();
      }
    }
  }
  keepBest();
  return best.map(({ key, logit }) => ({
    from: Math.floor(key / nodes),
    to: key % nodes,
    probability: 1 / (1 + Math.exp(-logit)),
  }));
}
