import { Command } from 'commander';
import type { Io } from '../io.ts';
import { runTrain, trainOptions } from './train.ts';

/** `npm start`: the main job. */
export const start = (io: Io) =>
  trainOptions(new Command('start'))
    .description('Train a VAE on the embedded digits; takes every option of `train vae`.')
    .action((options: Parameters<typeof runTrain>[2]) => runTrain(io, 'vae', options));
