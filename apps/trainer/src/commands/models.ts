import { Command } from 'commander';
import type { Io } from '../io.ts';
import { modelSpecs } from '../models/index.ts';
import { textTable } from '../text-table.ts';

export const models = (io: Io) =>
  new Command('models')
    .description('The models there are.')
    .option('--json', 'one JSON object a line on stdout')
    .action((options: { json?: boolean }) => {
      const rows = modelSpecs.map(({ name, summary, defaults, schema }) => ({
        model: name,
        summary,
        data: defaults.data,
        set: Object.keys(schema.shape),
      }));
      if (options.json) for (const row of rows) io.print(JSON.stringify(row));
      else
        for (const line of textTable(rows.map(({ model, summary, set }) => [model, summary, `--set ${set.join(' ')}`])))
          io.print(line);
    });
