import type { CompleteConfig } from './config.ts';
import { network, type PixelLayer } from './network.ts';

/** The layers of a network that have weights, in the order of the forward pass. */
export function layersOf(config: CompleteConfig): PixelLayer[] {
  const layers: PixelLayer[] = [];
  const note = (layer: PixelLayer) => void layers.push(layer);
  network<undefined>(config, {
    image: undefined,
    layer: note,
    condition: note,
    add: () => undefined,
    activate: () => undefined,
    elu: () => undefined,
    dropout: () => undefined,
    gate: () => undefined,
  });
  return layers;
}

/** Shape of a kernel: that of a transposed convolution has its output channels before its input channels. */
export function kernelShape({ type, taps, inputs, filters }: PixelLayer): number[] {
  if (type === 'condition') return [inputs, filters];
  return type === 'spread' ? [...taps, filters, inputs] : [...taps, inputs, filters];
}

/** Whether a layer stores the length of its filters apart. */
export const isNormed = ({ type }: PixelLayer, config: CompleteConfig): boolean =>
  config.useWeightNorm && type !== 'condition';

/** Axis of a kernel along which its filters stand. */
export const filterAxis = ({ type }: PixelLayer): number => (type === 'spread' ? -2 : -1);

/** Numbers that a layer stores; `taps` of a masked form of it are more than those of ours. */
export function countParams(layer: PixelLayer, config: CompleteConfig, taps = layer.taps[0] * layer.taps[1]): number {
  const { inputs, filters } = layer;
  return taps * inputs * filters + filters * (isNormed(layer, config) ? 2 : 1);
}
