import * as tf from '@tensorflow/tfjs-core';
import { einsum } from '../gradients/einsum.ts';
import { type OwnKernel, replaceKernel } from '../wasm/own.ts';
import { conv3dBackpropFilter, conv3dBackpropInput } from './conv3d.ts';
import { dilation2d, dilation2dBackpropFilter, dilation2dBackpropInput } from './dilation2d.ts';
import { mendKernels } from './mended.ts';
import { mendWasmKernels } from './mended-wasm.ts';
import { maxPool3d, maxPool3dGrad, maxPoolGrad, maxPoolWithArgmax } from './pooling.ts';

interface EinsumArgs {
  inputs: tf.Tensor[];
  attrs: { equation: string };
}

const einsumKernel = (({ inputs, attrs }: EinsumArgs) =>
  tf.tidy(() => einsum(Object.values(inputs), attrs.equation))) as unknown as OwnKernel;

/** Kernels that tfjs's WASM engine has wrong, and einsum, which it does not have. */
export function registerRightNumbers(): void {
  replaceKernel(tf.MaxPoolGrad, maxPoolGrad);
  replaceKernel(tf.MaxPool3D, maxPool3d);
  replaceKernel(tf.MaxPool3DGrad, maxPool3dGrad);
  replaceKernel(tf.Dilation2D, dilation2d);
  replaceKernel(tf.Dilation2DBackpropInput, dilation2dBackpropInput);
  replaceKernel(tf.Dilation2DBackpropFilter, dilation2dBackpropFilter);
  replaceKernel(tf.Einsum, einsumKernel);
  replaceKernel(tf.Conv3DBackpropInputV2, conv3dBackpropInput);
  replaceKernel(tf.Conv3DBackpropFilterV2, conv3dBackpropFilter);
  replaceKernel(tf.MaxPoolWithArgmax, maxPoolWithArgmax);
  mendKernels('wasm');
  mendWasmKernels();
}
