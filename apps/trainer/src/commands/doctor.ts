import { listEngines } from '@proj/backend';
import { Command } from 'commander';
import { startEngine } from '../engine.ts';
import type { Io } from '../io.ts';
import { textTable } from '../text-table.ts';

export const doctor = (io: Io) =>
  new Command('doctor')
    .description('Which engines run here, which one is chosen, and why the others are not.')
    .option('--json', 'one JSON object on stdout')
    .action(async (options: { json?: boolean }) => {
      const engines = await listEngines();
      const { engine: selected } = await startEngine('auto');
      const node = process.versions.node;
      if (options.json) {
        io.print(JSON.stringify({ selected, engines, node }));
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
      io.print(`chosen: ${selected}; Node ${node}, V8 ${process.versions.v8}, ${process.platform} ${process.arch}`);
      io.print(
        `data: ${io.env.PROJ_DATA_DIR ? `PROJ_DATA_DIR=${io.env.PROJ_DATA_DIR}` : 'PROJ_DATA_DIR is not set; data sets are fetched into the cache folder'}`,
      );
    });
