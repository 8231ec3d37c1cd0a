import { listEngines } from '@proj/backend';
import { Command } from 'commander';
import { startEngine } from '../engine.ts';
import { figure } from '../figure.ts';
import type { Io } from '../io.ts';
import { type SelfTest, selfTest } from '../self-test.ts';
import { textTable } from '../text-table.ts';

export const doctor = (io: Io) =>
  new Command('doctor')
    .description('Which engines run here, which one is chosen, and why the others are not.')
    .option('--json', 'one JSON object on stdout')
    .option('--verbose', 'a training step of each model too: whether it works, and which kernels are not ours')
    .action(async (options: { json?: boolean; verbose?: boolean }) => {
      const engines = await listEngines();
      const { engine: selected, wideVectors } = await startEngine('auto');
      const node = process.versions.node;
      const tests = options.verbose ? await selfTest() : undefined;
      if (options.json) {
        io.print(JSON.stringify({ selected, engines, node, ...(tests && { selfTest: tests }) }));
        return;
      }
      const rows = engines.map(({ name, available, version, reason }) => [
        name === selected ? '*' : ' ',
        name,
        available ? 'yes' : 'no',
        version ?? '',
        reason,
      ]);
      for (const line of textTable([['', 'engine', 'runs', 'version', 'why'], ...rows])) io.print(line);
      io.print('');
      io.print('auto takes the first that runs of node-gpu, node, wasm and cpu; --engine NAME takes another');
      io.print(`chosen: ${selected}; Node ${node}, V8 ${process.versions.v8}, ${process.platform} ${process.arch}`);
      io.print(
        `data: ${io.env.PROJ_DATA_DIR ? `PROJ_DATA_DIR=${io.env.PROJ_DATA_DIR}` : 'PROJ_DATA_DIR is not set; data sets are fetched into the cache folder'}`,
      );
      const cards = io.env.CUDA_VISIBLE_DEVICES;
      if (cards !== undefined) {
        const seen = /^\s*(-1\b.*)?$/.test(cards)
          ? 'no card is to be seen'
          : 'the cards that node-gpu sees; it computes on the first of them';
        io.print(`CUDA_VISIBLE_DEVICES=${cards}: ${seen}`);
      }
      if (wideVectors) io.print('WASM vectors: paired by V8, same numbers sooner (PROJ_WIDE_VECTORS=off: not)');
      if (!tests) return;
      const build = engines.find(({ name }) => name === selected)?.build;
      io.print('');
      if (build) io.print(`WASM build: ${build}${build === 'fused' ? ' (relaxed SIMD)' : ' (plain SIMD)'}`);
      io.print(`a training step of each model on ${selected}:`);
      for (const line of textTable(tests.map((test) => testRow(test, selected === 'wasm')))) io.print(line);
    });

const testRow = ({ model, loss, error, fallbacks }: SelfTest, counted: boolean): string[] => {
  const outcome = error === null ? `ok, loss ${figure(loss!)}` : `FAILED: ${error}`;
  const names = Object.entries(fallbacks).map(([kernel, count]) => `${kernel} ${count}`);
  return ['', model, outcome, ...(counted ? [`fell back to tfjs's: ${names.join(', ') || 'none'}`] : [])];
};
