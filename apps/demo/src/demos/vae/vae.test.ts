import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients
import { beforeEach, expect, it } from 'vitest';
import type { Report } from './protocol.ts';
import { VaeDemo } from './vae.ts';

const config = { trainCount: 96, testCount: 20, hidden: 16, batchSize: 32, epochs: 3 };

type Of<T extends Report['type']> = Extract<Report, { type: T }>;

let reports: Report[];
let demo: VaeDemo;
let watch: (report: Report) => void;
const of = <T extends Report['type']>(type: T) => reports.filter((report) => report.type === type) as Of<T>[];
const states = () => of('state').map(({ state }) => state);

/** Resolves once a report of the kind is there. */
const until = async (done: () => boolean) => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
};

beforeEach(() => {
  reports = [];
  watch = () => {};
  demo = new VaeDemo((report) => {
    reports.push(structuredClone(report));
    watch(report);
  }, config);
  return () => demo.dispose();
});

it('opens with the labels and the codes of the test digits', async () => {
  await demo.open('cpu');
  const [ready] = of('ready');
  expect(ready!.engine).toBe('cpu');
  expect(ready!.images).toHaveLength(20 * 784);
  expect(ready!.labels).toHaveLength(20);
  expect(Math.max(...ready!.labels)).toBeLessThanOrEqual(9);
  expect(of('codes')[0]!.codes).toHaveLength(40);
  expect(states()).toEqual(['fresh']);
});

it('trains until its last epoch, and the test loss falls', async () => {
  await demo.start(0.01);
  await until(() => states().includes('done'));
  const losses = of('test').map(({ loss }) => loss);
  expect(of('test').map(({ epoch, step }) => [epoch, step])).toEqual([
    [1, 3],
    [2, 6],
    [3, 9],
  ]);
  expect(losses[2]).toBeLessThan(losses[0]!);
  expect(losses[2]).toBeLessThan(784 * Math.log(2)); // a coin for every pixel
  expect(of('failed')).toEqual([]);
});

it('decodes a point to pixel means, another point to others', async () => {
  await demo.decode({ x: 2, y: 0 });
  await demo.decode({ x: -2, y: 0 });
  const [right, left] = of('picture');
  expect(right!.pixels).toHaveLength(784);
  expect(right!.pixels.every((mean) => mean > 0 && mean < 1)).toBe(true);
  expect(right!.z).toEqual({ x: 2, y: 0 });
  expect(right!.pixels).not.toEqual(left!.pixels);
});

it('answers decode while it trains', async () => {
  await demo.start(0.01);
  await demo.decode({ x: 0, y: 0 });
  expect(of('picture')).toHaveLength(1);
  expect(states()).toEqual(['training']);
});

it('pauses, and goes on from where it stood', async () => {
  let paused: Promise<void> | undefined;
  watch = ({ type }) => {
    if (type === 'test') paused ??= demo.pause(); // in the first epochs: there are more to come
  };
  await demo.start(0.01);
  await until(() => paused !== undefined);
  await paused;
  expect(states()).toEqual(['training', 'paused']);
  const before = of('test').length;
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(3);
  await demo.start(0.001); // at another speed
  await until(() => states().includes('done'));
  expect(of('test').map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
});

it('trains as long again when it is started after its end', async () => {
  await demo.start(0.01);
  await until(() => states().at(-1) === 'done');
  await demo.start(0.01);
  await until(() => states().length === 4);
  expect(states()).toEqual(['training', 'done', 'training', 'done']);
  expect(of('test').map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
});

it('a pause outside of training changes nothing', async () => {
  await demo.pause();
  expect(states()).toEqual([]);
});

it('reset forgets what was learned and draws other first weights', async () => {
  await demo.open('cpu');
  await demo.start(0.01);
  await until(() => states().includes('done'));
  const learned = of('codes').at(-1)!.codes;
  await demo.reset();
  expect(states().at(-1)).toBe('fresh');
  expect(of('codes').at(-1)!.codes).not.toEqual(learned);
  expect(of('codes').at(-1)!.codes).not.toEqual(of('codes')[0]!.codes);
  await demo.start(0.01);
  await until(() => states().at(-1) === 'done');
  expect(of('test').map(({ epoch }) => epoch)).toEqual([1, 2, 3, 1, 2, 3]);
});

it('a loss that is not finite is reported in one line', async () => {
  await demo.start(1e30);
  await until(() => of('failed').length > 0);
  expect(of('failed')[0]!.message).toMatch(/must be finite/);
  expect(states()).toEqual(['training', 'paused']);
});

it('leaves no tensor behind', async () => {
  const before = tf.memory().numTensors;
  const other = new VaeDemo(() => {}, config);
  await other.start(0.01);
  await other.pause();
  await other.decode({ x: 0, y: 0 });
  await other.reset();
  await other.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
