import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernels/mended.ts';
import { TENSORFLOW } from './execute.ts';

/** What tfjs-node does not have; and Multinomial, whose seed it forgets, and SparseToDense, which wants its indices sorted. */
const ON_HOST = [
  tf.BitwiseAnd,
  tf.DenseBincount,
  tf.MaxPoolWithArgmax,
  tf.RotateWithOffset,
  tf.SearchSorted,
  tf.SparseFillEmptyRows,
  tf.SparseReshape,
  tf.SparseSegmentMean,
  tf.SparseSegmentSum,
  tf.Transform,
  tf.Multinomial,
  tf.SparseToDense,
];

const ours = new Set<string>();

/** Kernels that run on tfjs's CPU engine, which tfjs-node brings along, on copies of their inputs. */
export function runOnHost(): void {
  for (const kernelName of ON_HOST) {
    const config = tf.getKernel(kernelName, 'cpu');
    if (config === undefined || ours.has(kernelName)) continue;
    ours.add(kernelName);
    if (tf.getKernel(kernelName, TENSORFLOW) !== undefined) tf.unregisterKernel(kernelName, TENSORFLOW);
    tf.registerKernel({ ...config, backendName: TENSORFLOW, kernelFunc: onHost(config.kernelFunc) });
  }
}

interface Engine {
  write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object;
  readSync(dataId: object): tf.BackendValues;
  disposeData(dataId: object, force?: boolean): boolean;
}

const onHost =
  (kernelFunc: tf.KernelFunc): tf.KernelFunc =>
  (args: Kernel) => {
    const cpu = tf.engine().findBackend('cpu') as unknown as Engine & { firstUse?: boolean };
    cpu.firstUse = false; // else the first tensor prints an advertisement of tfjs-node
    const native = args.backend as unknown as Engine;
    const move = ({ dataId, shape, dtype }: tf.TensorInfo, from: Engine, to: Engine): tf.TensorInfo => {
      const values = from.readSync(dataId) as Float32Array | Int32Array;
      const typed =
        dtype === 'int32' ? Int32Array.from(values) : dtype === 'float32' ? Float32Array.from(values) : values;
      return { dataId: to.write(typed, shape, dtype), shape, dtype };
    };
    const inputs: tf.NamedTensorInfoMap = {};
    for (const [name, info] of Object.entries(args.inputs)) inputs[name] = move(info!, native, cpu);
    const made = [kernelFunc({ ...args, inputs, backend: cpu })].flat();
    const results = made.map((info) => move(info, cpu, native));
    for (const info of [...Object.values(inputs), ...made]) cpu.disposeData(info!.dataId, true);
    return results.length === 1 ? results[0]! : results;
  };
