import { constant, cosineDecay, type Schedule } from '@proj/training';
import type { RunConfig } from './config.ts';

type RateConfig = Pick<RunConfig, 'learningRate' | 'schedule' | 'warmUp' | 'epochs' | 'batch'>;

/**
 * The learning rate of each step, by the number of steps before it: up in a straight line over `warmUp` steps, then constant, or down a
 * cosine that ends at 0 with the last epoch over `examples`.
 */
export function learningRate(config: RateConfig, examples: number): Schedule {
  const { learningRate: peak, schedule, warmUp, epochs, batch } = config;
  const steps = epochs * Math.ceil(examples / batch) - warmUp;
  const after = schedule === 'cosine' && steps > 0 ? cosineDecay({ initial: peak, steps }) : constant(peak);
  return (step) => (step < warmUp ? (peak * (step + 1)) / warmUp : after(step - warmUp));
}

/** For the reader: `Adam 0.001, cosine to 0 after 100 steps of warm-up`. */
export function learningRateLine({ learningRate: peak, schedule, warmUp }: RateConfig): string {
  const shape = schedule === 'cosine' ? ', cosine to 0' : '';
  const start = warmUp === 0 ? '' : `${shape === '' ? ',' : ''} after ${warmUp} steps of warm-up`;
  return `Adam ${peak}${shape}${start}`;
}
