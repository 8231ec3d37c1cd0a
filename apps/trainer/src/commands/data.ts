import { type DownloadProgress, fetchDataSet, findDataSet, listDataSets, verifyDataSet } from '@proj/io/node';
import { Command } from 'commander';
import { asCliError, progressLine } from '../data.ts';
import type { Io } from '../io.ts';
import { textTable } from '../text-table.ts';

interface DataOptions {
  json?: boolean;
}

export const data = (io: Io) => {
  const command = new Command('data').description('Data sets: list them, fetch one, verify one.');
  command
    .command('list', { isDefault: true })
    .description('All data sets by name, and where those are that are there.')
    .option('--json', 'one JSON object a line on stdout')
    .action(async (options: DataOptions) => {
      const rows = await listDataSets();
      if (options.json) {
        for (const { source, ...row } of rows)
          io.print(JSON.stringify({ ...row, available: source !== undefined, source: source ?? null }));
        return;
      }
      const cells = rows.map(({ name, kind, summary, source }) => [
        name,
        kind,
        summary,
        source ?? 'not here (trainer data fetch)',
      ]);
      for (const line of textTable([['name', 'kind', 'what', 'where'], ...cells])) io.print(line);
    });
  command
    .command('fetch')
    .description('Find a data set, or download it into the cache folder; checked before use.')
    .argument('<name>', 'data set')
    .option('--json', 'one JSON object on stdout')
    .action(async (name: string, options: DataOptions) => {
      const onProgress = (progress: DownloadProgress) => io.status(progressLine(progress));
      const found = await fetchDataSet(name, { onProgress, signal: io.signal }).catch((error: unknown) => {
        throw asCliError(error);
      });
      if (options.json) io.print(JSON.stringify({ name, source: found.source, files: found.files }));
      else io.print(`${name}: ${found.source}`);
    });
  command
    .command('verify')
    .description('Check the files of a data set by size and checksum.')
    .argument('<name>', 'data set')
    .option('--json', 'one JSON object on stdout')
    .action(async (name: string, options: DataOptions) => {
      const report = await verifyDataSet(name, { signal: io.signal }).catch((error: unknown) => {
        throw asCliError(error);
      });
      if (options.json) io.print(JSON.stringify(report));
      else if (findDataSet(name).embedded) io.print(`${name}: made by the project, nothing to check`);
      else for (const path of report.files) io.print(`ok  ${path}`);
    });
  return command;
};
