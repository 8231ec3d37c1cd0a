import type { ImageData } from '@proj/io/node';
import type { RunConfig } from '../config.ts';
import { UsageError } from '../errors.ts';

/** @throws UsageError unless the data's images have the shape the run was trained on. */
export function checkShape({ image, model }: RunConfig, data: ImageData): void {
  const { height, width, channels } = image;
  if (data.height === height && data.width === width && data.channels === channels) return;
  throw new UsageError(
    `this ${model} takes images of ${height}x${width}x${channels}, ${data.name} has ${data.height}x${data.width}x${data.channels}. Give it data of its own shape with --data.`,
  );
}
