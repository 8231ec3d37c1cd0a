import { join } from 'node:path';
import {
  type EpochReport,
  type FitOptions,
  fit,
  formatDuration,
  formatProgress,
  NonFiniteLossError,
  type StepReport,
} from '@proj/training';
import type { RunConfig } from './config.ts';
import { DivergedError, StoppedError } from './errors.ts';
import { figure } from './figure.ts';
import type { Io } from './io.ts';
import { learningRate } from './learning-rate.ts';
import { explainMemory } from './memory.ts';
import { modelSpec } from './models/index.ts';
import { reportHtml } from './report.ts';
import type { RunFolder } from './run-folder.ts';
import { createSession, restore, type Session } from './session.ts';
import type { Exhibit, TaskData } from './tasks/task.ts';

export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** `loss 104.2 elbo -101.7 kl 25.3` */
export const metricsLine = (metrics: Readonly<Record<string, number>>) =>
  Object.entries(metrics)
    .map(([name, value]) => `${name} ${figure(value)}`)
    .join('  ');

const PLAIN_PROGRESS_SECONDS = 10;

/** Progress of the steps: a redrawn line in a terminal, else a plain line now and then. */
function progressReporter(io: Io, output: Output): (report: StepReport) => void {
  let lastLine = Date.now();
  return (report) => {
    if (output.quiet) return;
    if (io.terminal) io.status(formatProgress(report, { width: io.terminal.columns - 1 }));
    else if (Date.now() - lastLine >= 1000 * PLAIN_PROGRESS_SECONDS) {
      lastLine = Date.now();
      io.log(formatProgress(report, { width: 100 }));
    }
  };
}

const historyLines = (history: readonly EpochReport[]) =>
  history
    .map(({ epoch, loss, val, seconds }) => `${JSON.stringify({ event: 'epoch', epoch, loss, val, seconds })}\n`)
    .join('');

/**
 * Trains a run from where its folder stands until its last epoch, then measures the test part with the best weights
 * and writes pictures and report. The last line it prints is the result.
 */
export async function train(
  io: Io,
  folder: RunFolder,
  config: RunConfig,
  data: TaskData,
  output: Output,
  resume: boolean,
): Promise<void> {
  const unlock = await folder.lock();
  const session = createSession(config, folder.readAssets(config));
  try {
    const { history, seconds } = await fitRun(io, folder, config, data, session, output, resume);
    const trained = Date.now();
    if (!output.quiet) io.status('measuring the test part ...');
    const metrics = await session.spec.task.evaluate(session, data, 'test', true);
    const done = {
      event: 'done',
      run: folder.path,
      model: config.model,
      engine: config.engine,
      params: session.model.countParams(),
      seconds: seconds + (Date.now() - trained) / 1000,
      metrics,
    };
    await folder.writeText('metrics.jsonl', `${historyLines(history)}${JSON.stringify(done)}\n`);
    const exhibits = await writeExhibits(folder, session, data);
    await folder.writeText('report.html', reportHtml(folder, config, history, metrics, exhibits));
    report(io, folder, config, output, done, exhibits);
  } catch (error) {
    throw explainMemory(error, config, folder);
  } finally {
    session.model.dispose();
    unlock();
  }
}

async function fitRun(
  io: Io,
  folder: RunFolder,
  config: RunConfig,
  data: TaskData,
  session: Session,
  output: Output,
  resume: boolean,
) {
  const { model, spec, seeds } = session;
  const { task } = spec;
  const before = resume ? await folder.load('last') : undefined;
  if (before) restore(session, folder, before);
  else task.prepare?.(model, data);
  const history: EpochReport[] = [...(before?.state.history ?? [])];
  const report = progressReporter(io, output);
  const examples = task.dataset(data, session);
  const options: FitOptions = {
    epochs: config.epochs,
    batchSize: config.batch,
    seed: seeds.training,
    learningRate: learningRate(config, examples.size),
    ...(config.clipNorm === null ? {} : { clipNorm: config.clipNorm }),
    ...(config.patience === null ? {} : { patience: config.patience }),
    validate: () => task.evaluate(session, data, 'validation', false),
    monitor: spec.monitor,
    checkpoints: folder,
    resume,
    signal: io.signal,
    onStep: (step) => {
      model.afterStep?.(step.globalStep);
      report(step);
    },
    onEpoch: async (epoch) => {
      history.push(epoch);
      const { epoch: number, loss, val, seconds } = epoch;
      await folder.writeText('metrics.jsonl', historyLines(history));
      if (output.json) io.print(JSON.stringify({ event: 'epoch', epoch: number, loss, val, seconds }));
      else if (!output.quiet) {
        const best = epoch.improved ? '  best so far' : '';
        io.log(
          `epoch ${number}/${config.epochs}  loss ${figure(loss)}  ${metricsLine(val)}  ${formatDuration(seconds)}${best}`,
        );
      }
      for (const { file, bytes } of (await task.progress?.(session, data, number)) ?? []) {
        await folder.writeBytes(file, bytes);
        if (file.endsWith('.txt') && !output.json && !output.quiet) io.log(new TextDecoder().decode(bytes).trimEnd());
      }
    },
  };
  const fitted = spec.fit ? spec.fit(model, examples, options) : fit(model, examples, options);
  const result = await fitted.catch((error: unknown) => {
    if (!(error instanceof NonFiniteLossError)) throw error;
    const { epoch, step, value } = error;
    throw new DivergedError(
      `the loss became ${value} at epoch ${epoch}, step ${step}. Train again with a lower --learning-rate or with --clip-norm; the last good checkpoint is ${folder.checkpointFile('last')}`,
    );
  });
  if (result.status === 'aborted') {
    const signal = io.signal.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
    throw new StoppedError(
      `stopped after step ${result.steps}; the checkpoint is saved. Go on with: trainer resume ${folder.path}`,
      signal,
    );
  }
  if (result.status === 'stopped-early' && !output.quiet) {
    io.log(
      `stopped early after epoch ${result.epochs}: no better ${spec.monitor.metric} for ${config.patience} epochs`,
    );
  }
  return { history, seconds: history.reduce((sum, { seconds }) => sum + seconds, 0) };
}

async function writeExhibits(folder: RunFolder, session: Session, data: TaskData): Promise<Exhibit[]> {
  const { spec } = session;
  const exhibits = [...(await spec.task.exhibits(session, data)), ...((await spec.exhibits?.(session, data)) ?? [])];
  for (const { file, bytes } of exhibits) await folder.writeBytes(file, bytes);
  return exhibits;
}

interface Done {
  readonly engine: string;
  readonly params: number;
  readonly seconds: number;
  readonly metrics: Record<string, number>;
}

function report(
  io: Io,
  folder: RunFolder,
  config: RunConfig,
  output: Output,
  done: Done,
  exhibits: readonly Exhibit[],
): void {
  if (output.json) {
    io.print(JSON.stringify(done));
    return;
  }
  const { train: trained, validation, test } = config.examples;
  const { task } = modelSpec(config.model);
  if (!output.quiet) io.print('');
  io.print(`test   ${metricsLine(done.metrics)}`);
  for (const note of config.notes) io.print(`       ${note}`);
  io.print(
    `run    ${folder.path}  (${formatDuration(done.seconds)}, ${done.params.toLocaleString('en')} parameters, ${done.engine})`,
  );
  for (const { file, title } of exhibits) io.print(`       ${join(folder.path, file)}  ${title.toLowerCase()}`);
  io.print(`       ${join(folder.path, 'report.html')}  everything on one page`);
  io.print(`data   ${trained} train, ${validation} validation, ${test} test ${task.noun} of ${config.data}`);
}
