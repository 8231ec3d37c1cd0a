import type * as tf from '@tensorflow/tfjs-core';
import {
  checkLogisticMixture,
  type LogisticMixtureAttrs,
  type LogisticMixtureInputs,
} from '../fused/logistic-mixture.ts';
import type { KernelArgs, Workspace } from '../wasm/own.ts';

/**
 * Our own kernel `ProjLogisticMixture`: [log-likelihood, its gradients by logits, loc, scale and coefficients], the
 * gradients only if asked for: they share every exponential. See assembly/logistic-mixture.ts.
 */
export function logisticMixture(
  { inputs, attrs }: KernelArgs<LogisticMixtureInputs, LogisticMixtureAttrs>,
  own: Workspace,
): tf.TensorInfo[] {
  const { rows, pixels, components, channels, slopes } = checkLogisticMixture(inputs, attrs);
  const { value, logits, loc, scale, coefficients } = inputs;
  const each = [[], [components], [components, channels], [components, channels], [components, slopes]];
  const outputs = each.slice(0, attrs.gradient ? 5 : 1).map((shape) => own.output([rows, ...shape]));
  const sizes = [components, channels, slopes] as const;
  own.scratch(16 * own.run.logisticMixtureWork!(...sizes), (work) => {
    const addresses = [value, logits, loc, scale, coefficients, ...outputs].map((info) => own.address(info));
    const none = attrs.gradient ? [] : [0, 0, 0, 0];
    own.run.logisticMixture!(...addresses, ...none, work, 0, rows, pixels, ...sizes, attrs.low, attrs.high);
  });
  return outputs;
}
