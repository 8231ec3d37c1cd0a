import * as tf from '@tensorflow/tfjs-core';
import { type OwnKernel, replaceKernel } from '../wasm/own.ts';
import { conv3dBackpropFilter, conv3dBackpropInput } from './conv3d.ts';
import { dilation2d, dilation2dBackpropFilter, dilation2dBackpropInput } from './dilation2d.ts';
import { mendPaddings } from './exact-padding.ts';
import { einsumKernel, mendKernels } from './mended.ts';
import { mendWasmKernels } from './mended-wasm.ts';
import { maxPool3d, maxPool3dGrad, maxPoolGrad, maxPoolWithArgmax } from './pooling.ts';

/** Kernels that tfjs's WASM engine has wrong, and einsum, which it does not have. */
export function registerRightNumbers(): void {
  replaceKernel(tf.MaxPoolGrad, maxPoolGrad);
  replaceKernel(tf.MaxPool3D, maxPool3d);
  replaceKernel(tf.MaxPool3DGrad, maxPool3dGrad);
  replaceKernel(tf.Dilation2D, dilation2d);
  replaceKernel(tf.Dilation2DBackpropInput, dilation2dBackpropInput);
  replaceKernel(tf.Dilation2DBackpropFilter, dilation2dBackpropFilter);
  replaceKernel(tf.Einsum, einsumKernel as unknown as OwnKernel);
  replaceKernel(tf.Conv3DBackpropInputV2, conv3dBackpropInput);
  replaceKernel(tf.Conv3DBackpropFilterV2, conv3dBackpropFilter);
  replaceKernel(tf.MaxPoolWithArgmax, maxPoolWithArgmax);
  mendKernels('wasm');
  mendWasmKernels();
  mendPaddings();
}
