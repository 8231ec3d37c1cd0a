import * as tf from '@tensorflow/tfjs-core';

/** A tensor whose axes have letters. */
interface Term {
  t: tf.Tensor;
  labels: string;
}

/**
 * The sum over every letter that `output` does not have, as one matrix product of the two terms.
 * Operands have no letter twice (tfjs takes none such).
 */
export function contract(a: Term, b: Term, output: string): tf.Tensor {
  const [left, right] = [sumAway(a, b.labels + output), sumAway(b, a.labels + output)];
  const inBoth = [...left.labels].filter((l) => right.labels.includes(l));
  const summed = inBoth.filter((l) => !output.includes(l)).join('');
  if (summed === '' || left.t.dtype !== 'float32' || right.t.dtype !== 'float32') return multiply(left, right, output);
  const batch = inBoth.filter((l) => output.includes(l)).join('');
  const rows = [...left.labels].filter((l) => !inBoth.includes(l)).join('');
  const columns = [...right.labels].filter((l) => !inBoth.includes(l)).join('');
  const sizes = sizesOf(left, right);
  const count = (labels: string) => [...labels].reduce((n, l) => n * sizes.get(l)!, 1);
  const result = batch + rows + columns;
  const shape = [...result].map((l) => sizes.get(l)!);
  if (left.t.size === 0 || right.t.size === 0) return order({ t: tf.zeros(shape), labels: result }, output);
  const transposeA = left.labels === batch + summed + rows && rows !== '';
  const transposeB = right.labels === batch + columns + summed && columns !== '';
  const first = order(left, transposeA ? left.labels : batch + rows + summed);
  const second = order(right, transposeB ? right.labels : batch + summed + columns);
  const [m, k, n] = [count(rows), count(summed), count(columns)];
  const c = tf.matMul(
    tf.reshape(first, [count(batch), ...(transposeA ? [k, m] : [m, k])]),
    tf.reshape(second, [count(batch), ...(transposeB ? [n, k] : [k, n])]),
    transposeA,
    transposeB,
  );
  return order({ t: tf.reshape(c, shape), labels: result }, output);
}

/** Without a matrix product: outer and elementwise products, and integers. */
function multiply(a: Term, b: Term, output: string): tf.Tensor {
  const labels = output + [...a.labels].filter((l) => !output.includes(l)).join('');
  const expand = ({ t, labels: own }: Term) => {
    const inOrder = [...labels].filter((l) => own.includes(l)).join('');
    const moved = order({ t, labels: own }, inOrder);
    const shape = [...labels].map((l) => (own.includes(l) ? moved.shape[inOrder.indexOf(l)]! : 1));
    return tf.reshape(moved, shape);
  };
  return sumAway({ t: tf.mul(expand(a), expand(b)), labels }, output).t;
}

/** Sums over the letters that are not in `kept`. */
function sumAway({ t, labels }: Term, kept: string): Term {
  const axes = [...labels].flatMap((l, axis) => (kept.includes(l) ? [] : [axis]));
  if (axes.length === 0) return { t, labels };
  return { t: tf.sum(t, axes), labels: [...labels].filter((l) => kept.includes(l)).join('') };
}

function order({ t, labels }: Term, wanted: string): tf.Tensor {
  if (labels === wanted) return t;
  return tf.transpose(
    t,
    [...wanted].map((l) => labels.indexOf(l)),
  );
}

function sizesOf(...terms: Term[]): Map<string, number> {
  return new Map(terms.flatMap(({ t, labels }) => [...labels].map((l, axis): [string, number] => [l, t.shape[axis]!])));
}

/** @throws Error for what tfjs does not take: no arrow, an ellipsis, a letter twice in a term, other sizes. */
function parse(equation: string, tensors: tf.Tensor[]): { terms: Term[]; output: string } {
  const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, tensors.length);
  tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors);
  const [inputs, output] = equation.replace(/\s/g, '').split('->') as [string, string];
  if (new Set(output).size !== output.length)
    throw new Error(`einsum: '${equation}' has a letter twice in its result.`);
  return { terms: inputs.split(',').map((labels, i) => ({ t: tensors[i]!, labels })), output };
}

/** The einsum itself, for an engine that lacks it. */
export function einsum(tensors: tf.Tensor[], equation: string): tf.Tensor {
  const { terms, output } = parse(equation, tensors);
  const [a, b] = terms as [Term, Term | undefined];
  if (b !== undefined) return contract(a, b, output);
  const sum = sumAway(a, output);
  return tf.clone(order(sum, output));
}

/** The gradient by one operand is the einsum of dy with the other one; what that leaves open is repeated. */
const gradFunc: tf.GradFunc = (dy, tensors, attrs) => {
  const { terms, output } = parse((attrs as { equation: string }).equation, tensors);
  const result: Term = { t: dy as tf.Tensor, labels: output };
  const slope = (i: number) => () => {
    const { t, labels } = terms[i]!;
    const other = terms[1 - i];
    const known = [...labels].filter((l) => output.includes(l) || other?.labels.includes(l)).join('');
    const found = other === undefined ? order(result, known) : contract(result, other, known);
    if (known === labels) return found;
    const shape = t.shape.map((size, axis) => (known.includes(labels[axis]!) ? size : 1));
    return tf.broadcastTo(tf.reshape(found, shape), t.shape);
  };
  return Object.fromEntries(terms.map((_, i) => [i, slope(i)]));
};

export function registerEinsumGradient(): void {
  tf.registerGradient({ kernelName: tf.Einsum, saveAllInputs: true, gradFunc });
}
