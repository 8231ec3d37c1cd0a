import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '@proj/io';
import { sha256File, writeFileAtomic } from '@proj/io/node';
import type { Checkpoint, CheckpointStore, TrainingState } from '@proj/training';
import { type RunConfig, readRunConfig } from './config.ts';
import { FailureError, UsageError } from './errors.ts';
import type { Assets } from './tasks/task.ts';

type CheckpointName = 'last' | 'best';

const checkpointName = (name: CheckpointName) => join('checkpoints', name, 'checkpoint.safetensors');

/** runs/MODEL-DATA-N with the first free N; made at once, so that two runs never share one. */
export function freshRunFolder(model: string, data: string): string {
  mkdirSync('runs', { recursive: true });
  const label = data.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._]+|[._]+$/g, '') || 'data';
  for (let n = 1; ; n++) {
    const folder = join('runs', `${model}-${label}-${n}`);
    try {
      mkdirSync(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Makes the folder of `--out`. @throws UsageError if something is in it already. */
export function namedRunFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true });
    if (readdirSync(folder).length === 0) return folder;
  } catch (error) {
    throw new UsageError(`cannot use ${folder} as the run folder: ${(error as Error).message}`);
  }
  throw new UsageError(
    `${folder} is not empty, and a run never writes over another. Choose another --out, or go on with: trainer resume ${folder}`,
  );
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * One run on disk. `checkpoints/last` and `checkpoints/best` each hold one safetensors file with weights, optimiser state
 * and position; a file is replaced in one step, so what is read is always whole.
 */
export class RunFolder implements CheckpointStore {
  constructor(readonly path: string) {}

  /** Opens a run that exists. @throws UsageError if there is none. */
  static open(path: string): { folder: RunFolder; config: RunConfig } {
    const file = join(path, 'config.json');
    if (!existsSync(file)) {
      throw new UsageError(
        `${path} is not a run folder: it has no config.json. 'trainer train' makes one, under runs/.`,
      );
    }
    return { folder: new RunFolder(path), config: readRunConfig(file) };
  }

  file(name: string): string {
    return join(this.path, name);
  }

  async writeConfig(config: RunConfig): Promise<void> {
    await this.writeText('config.json', `${JSON.stringify(config, null, 2)}\n`);
  }

  async writeText(name: string, text: string): Promise<void> {
    await this.writeBytes(name, new TextEncoder().encode(text));
  }

  /** Replaces a file of the run in one step. @throws DataError if the disk refuses; what was there is still there. */
  async writeBytes(name: string, bytes: Uint8Array): Promise<void> {
    await writeFileAtomic(this.file(name), bytes);
  }

  /** Writes what the model needs beside its weights. @returns the SHA-256 of each file, for config.json. */
  async writeAssets(assets: Assets): Promise<Record<string, string>> {
    for (const [name, text] of Object.entries(assets)) await this.writeText(name, text);
    return Object.fromEntries(Object.entries(assets).map(([name, text]) => [name, sha256(text)]));
  }

  /** @throws UsageError if a file is gone or is not the one that the run was trained with. */
  readAssets({ assets }: Pick<RunConfig, 'assets'>): Assets {
    return Object.fromEntries(
      Object.entries(assets).map(([name, expected]) => {
        const file = this.file(name);
        if (!existsSync(file)) throw new UsageError(`${file} is gone, and the model needs it. Bring it back.`);
        const text = readFileSync(file, 'utf8');
        if (sha256(text) === expected) return [name, text];
        throw new UsageError(
          `${file} does not match the checkpoint: it was changed since the run was trained (its SHA-256 is not ${expected.slice(0, 12)}...). Bring the old file back.`,
        );
      }),
    );
  }

  /**
   * Marks the run as being written to by this process, until the returned function is called. A mark whose process is
   * gone (kill -9) is taken over; one that is dying is waited for.
   *
   * @throws UsageError if another living process holds it.
   */
  async lock(): Promise<() => void> {
    const file = this.file('.lock');
    for (let attempt = 0; ; attempt++) {
      try {
        writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
        return () => rmSync(file, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
          throw new FailureError(`cannot write to ${this.path}: ${(error as Error).message}`);
        }
      }
      const pid = Number(readFileSync(file, 'utf8'));
      if (!(pid > 0) || pid === process.pid || !alive(pid)) rmSync(file, { force: true });
      else if (attempt < 20) await new Promise((resolve) => setTimeout(resolve, 100));
      else throw new UsageError(`${this.path} is being trained by process ${pid}. Stop that one first.`);
    }
  }

  /** Where a checkpoint lies. */
  checkpointFile(name: CheckpointName): string {
    return this.file(checkpointName(name));
  }

  /** SHA-256 of the checkpoint that commands use: the best, or the last where there is none. */
  weightsHash(): Promise<string> {
    const best = this.checkpointFile('best');
    return sha256File(existsSync(best) ? best : this.checkpointFile('last'));
  }

  async save(name: CheckpointName, { tensors, state }: Checkpoint): Promise<void> {
    const entries = Object.entries(tensors).map(([key, { shape, data }]) => [
      key,
      { dtype: 'F32' as const, shape, data },
    ]);
    const bytes = writeSafetensors(Object.fromEntries(entries), { state: JSON.stringify(state) });
    await this.writeBytes(checkpointName(name), bytes);
  }

  /** @throws FailureError if the file is not a whole checkpoint. */
  async load(name: CheckpointName): Promise<Checkpoint | undefined> {
    const file = this.checkpointFile(name);
    if (!existsSync(file)) return undefined;
    try {
      const { tensors, metadata } = readSafetensors(new Uint8Array(readFileSync(file)));
      if (metadata.state === undefined) throw new Error('its metadata lacks the training state');
      const state = JSON.parse(metadata.state) as TrainingState;
      const entries = Object.entries(tensors).map(([key, { dtype, shape, data }]) => {
        if (!(data instanceof Float32Array)) throw new Error(`tensor ${key} is ${dtype}, expected F32`);
        return [key, { shape, data }];
      });
      return { tensors: Object.fromEntries(entries), state };
    } catch (error) {
      const other = name === 'last' ? 'best' : 'last';
      throw new FailureError(
        `${file} is damaged: ${(error as Error).message.replace(/\.+$/, '')}. Restore it from a copy, or put ${this.checkpointFile(other)} in its place.`,
      );
    }
  }
}
