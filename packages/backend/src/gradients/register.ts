import { registerBroadcastingGradients } from './broadcasting.ts';
import { registerComparisonGradients } from './comparisons.ts';
import { registerConvolutionGradients } from './convolution.ts';
import { registerCumulativeGradients } from './cumulative.ts';
import { registerEinsumGradient } from './einsum.ts';
import { registerIndexingGradients } from './indexing.ts';
import { registerPoolingGradients } from './pooling.ts';
import { registerRearrangingGradients } from './rearranging.ts';
import { registerReluGradient } from './relu.ts';
import { registerResizeGradients } from './resize.ts';

/**
 * Registers, on every engine, the gradients that tfjs lacks or has wrong. None of ours needs tfjs's own, so calling it again
 * changes nothing, and after a later import of tfjs-layers, which registers tfjs's, it puts ours back.
 */
export function registerGradients(): void {
  registerComparisonGradients();
  registerBroadcastingGradients();
  registerConvolutionGradients();
  registerCumulativeGradients();
  registerEinsumGradient();
  registerIndexingGradients();
  registerPoolingGradients();
  registerRearrangingGradients();
  registerReluGradient();
  registerResizeGradients();
}
