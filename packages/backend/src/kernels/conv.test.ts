import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { distance, on, startEngines, values } from '../../tests/engines.ts';

beforeAll(startEngines);

type Shape4 = [number, number, number, number];
type Pad = 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;

const side = fc.integer({ min: 1, max: 9 });
const few = fc.integer({ min: 1, max: 3 });
const pad: fc.Arbitrary<Pad> = fc.oneof(
  fc.constantFrom<Pad>('same', 'valid', 0, 1, 2),
  fc.array(fc.nat({ max: 3 }), { minLength: 4, maxLength: 4 }).map(
    ([t, b, l, r]): Pad => [
      [0, 0],
      [t!, b!],
      [l!, r!],
      [0, 0],
    ],
  ),
);

interface Case {
  x: Shape4;
  filter: Shape4;
  dy: Shape4;
  strides: [number, number];
  pad: Pad;
  dilations: [number, number];
}

/** Convolutions with at least one output pixel; the batch may be empty. */
function cases(depthwise: boolean, dilate: boolean): fc.Arbitrary<Case> {
  const dilation = dilate ? few : fc.constant(1);
  return fc
    .record({
      x: fc.tuple(fc.nat({ max: 3 }), side, side, fc.integer({ min: 1, max: 4 })),
      kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
      last: fc.integer({ min: 1, max: 5 }),
      strides: fc.tuple(few, few),
      dilations: fc.tuple(dilation, dilation),
      pad,
    })
    .map(({ x, kernel, last, strides, dilations, pad }): Case => {
      const filter: Shape4 = [...kernel, x[3], last];
      const ones: [number, number] = dilations.some((d) => d > 1) ? [1, 1] : strides; // tfjs takes one or the other
      const info = tf.backend_util.computeConv2DInfo(x, filter, ones, dilations, pad, undefined, depthwise);
      return { x, filter, dy: info.outShape as Shape4, strides: ones, pad, dilations };
    })
    .filter(({ dy }) => dy[1] > 0 && dy[2] > 0);
}

const call = (kernel: string, inputs: object, attrs: object) =>
  tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as tf.Tensor;

const filterGradient = (kernel: string, { x, filter, dy, ...attrs }: Case) =>
  call(kernel, { x: values(x, 1), dy: values(dy, 2) }, { ...attrs, dataFormat: 'NHWC', filterShape: filter });
const inputGradient = (kernel: string, { x, filter, dy, ...attrs }: Case) =>
  call(kernel, { dy: values(dy, 2), filter: values(filter, 3) }, { ...attrs, dataFormat: 'NHWC', inputShape: x });

async function sameOnBoth(f: () => tf.Tensor): Promise<void> {
  const [got, expected] = [await on('wasm', f), await on('cpu', f)];
  expect(got.shape).toEqual(expected.shape);
  expect(distance(got.values, expected.values)).toBeLessThan(1e-5);
}

it.each([
  ['Conv2DBackpropFilter', false, filterGradient],
  ['Conv2DBackpropInput', false, inputGradient],
  ['DepthwiseConv2dNativeBackpropFilter', true, filterGradient],
  ['DepthwiseConv2dNativeBackpropInput', true, inputGradient],
] as const)('%s gives what the CPU engine gives', async (kernel, depthwise, gradient) => {
  const property = fc.asyncProperty(cases(depthwise, false), (c) => sameOnBoth(() => gradient(kernel, c)));
  await fc.assert(property, { seed: 1, numRuns: 150 });
});

// Large enough to be done in parts of 2^19 numbers, the last one shorter: 288 filter taps x 3600 pixels, 576 x 1764.
it.each([
  [1, 'same', [9, 20, 20, 32]],
  [2, 'same', [9, 28, 28, 64]],
  [2, 'valid', [9, 28, 28, 64]],
] as const)('large convolutions, stride %i, padding %s', async (stride, pad, [n, h, w, channels]) => {
  const x: Shape4 = [n, h, w, channels];
  const filter: Shape4 = [3, 3, channels, 2];
  const dy = tf.backend_util.computeConv2DInfo(x, filter, stride, 1, pad).outShape as Shape4;
  const c: Case = { x, filter, dy, strides: [stride, stride], pad, dilations: [1, 1] };
  await sameOnBoth(() => filterGradient('Conv2DBackpropFilter', c));
  await sameOnBoth(() => inputGradient('Conv2DBackpropInput', c));
});

// The CPU engine's kernels leave dilation out; but convolution is linear in each argument, so that
// <conv(x, w), dy> = <x, gradient by x> = <w, gradient by w>, and its forward pass does dilate.
it('depthwise gradients with dilation are the adjoints of the forward pass', async () => {
  const property = fc.asyncProperty(cases(true, true), async (c) => {
    const dot = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b));
    const forward = await on('cpu', () =>
      dot(
        tf.depthwiseConv2d(
          values(c.x, 1) as tf.Tensor4D,
          values(c.filter, 3) as tf.Tensor4D,
          c.strides,
          c.pad,
          'NHWC',
          c.dilations,
        ),
        values(c.dy, 2),
      ),
    );
    const byFilter = await on('wasm', () =>
      dot(values(c.filter, 3), filterGradient('DepthwiseConv2dNativeBackpropFilter', c)),
    );
    const byInput = await on('wasm', () => dot(values(c.x, 1), inputGradient('DepthwiseConv2dNativeBackpropInput', c)));
    expect(distance(byFilter.values, forward.values)).toBeLessThan(1e-5);
    expect(distance(byInput.values, forward.values)).toBeLessThan(1e-5);
  });
  await fc.assert(property, { seed: 2, numRuns: 150 });
});

it.each([
  ['conv2d', (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'same')],
  [
    'conv2dTranspose',
    (x: tf.Tensor, w: tf.Tensor) =>
      tf.conv2dTranspose(x as tf.Tensor4D, tf.transpose(w, [0, 1, 3, 2]) as tf.Tensor4D, [2, 10, 14, 4], 2, 'same'),
  ],
  [
    'depthwiseConv2d',
    (x: tf.Tensor, w: tf.Tensor) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'valid'),
  ],
])('gradients of %s match differences', async (_name, op) => {
  await tf.setBackend('wasm');
  const [x, w] = [values([2, 5, 7, 3], 1), values([3, 3, 3, 4], 2)];
  const weight = values(op(x, w).shape, 3);
  const f = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(op(a, b), weight)) as tf.Scalar;
  const slopes = tf.grads(f)([x, w]);
  for (const [argument, at] of [
    [0, 0],
    [0, 101],
    [0, 209],
    [1, 0],
    [1, 50],
    [1, 107],
  ] as const) {
    const inputs = [x, w];
    const [up, down] = [1, -1].map((step) => {
      const data = inputs[argument]!.dataSync();
      data[at] = data[at]! + step; // any step is exact: f is linear in each argument
      const args = inputs.map((t, i) => (i === argument ? tf.tensor(data, t.shape) : t));
      return f(args[0]!, args[1]!).dataSync()[0]!;
    });
    expect(slopes[argument]!.dataSync()[at]).toBeCloseTo((up! - down!) / 2, 4);
  }
});

it('says which shape and layout it expects', async () => {
  await tf.setBackend('wasm');
  const c: Case = {
    x: [1, 4, 4, 1],
    filter: [2, 2, 1, 1],
    dy: [1, 4, 4, 1],
    strides: [1, 1],
    pad: 'valid',
    dilations: [1, 1],
  };
  expect(() => filterGradient('Conv2DBackpropFilter', c)).toThrow(
    'Conv2DBackpropFilter on wasm: expected dy of shape [1,3,3,1], got [1,4,4,1].',
  );
  const { x, filter, dy, ...attrs } = c;
  const inputs = { x: values(x, 1), dy: values(dy, 2) };
  expect(() => call('Conv2DBackpropFilter', inputs, { ...attrs, dataFormat: 'NCHW', filterShape: filter })).toThrow(
    'expected the layout NHWC, got NCHW',
  );
});
