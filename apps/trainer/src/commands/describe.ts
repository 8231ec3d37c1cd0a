import { Command } from 'commander';
import { startEngine } from '../engine.ts';
import type { Io } from '../io.ts';
import { modelSpec } from '../models/index.ts';
import { parseSettings } from '../models/settings.ts';
import { keyValue } from '../options.ts';
import { createSession } from '../session.ts';
import { textTable } from '../text-table.ts';

export const describe = (io: Io) =>
  new Command('describe')
    .description(
      'Layers, shapes and parameter counts of a model for the usual data (28x28 images, the graph of Cora, as many words as the settings say), and its settings.',
    )
    .argument('<model>', 'model name (trainer models)')
    .option('--set <key=value>', 'a setting of the model; repeatable', keyValue)
    .option('--json', 'one JSON object on stdout')
    .action(async (name: string, options: { set?: Record<string, string>; json?: boolean }) => {
      const spec = modelSpec(name);
      const set = parseSettings(spec, options.set ?? {});
      await startEngine('cpu');
      const { model } = createSession({ model: name, set, shape: spec.task.usualShape, seed: 0 });
      const params = model.countParams();
      const live = model.countLiveParams?.();
      const fullKernelParams = model.fullKernelParams?.();
      const layers = model.describe();
      model.dispose();
      if (options.json) {
        const others = { ...(live && { liveParams: live }), ...(fullKernelParams && { fullKernelParams }) };
        io.print(JSON.stringify({ model: name, params, ...others, layers }));
        return;
      }
      const shape = (axes: readonly (number | null)[]) => `[${axes.map((axis) => axis ?? 'B').join(', ')}]`;
      const rows = layers.map((layer) => [
        layer.name,
        layer.type,
        shape(layer.outputShape),
        layer.params.toLocaleString('en'),
      ]);
      io.print(`${name}: ${spec.summary}`);
      io.print('');
      for (const line of textTable([['layer', 'type', 'output', 'parameters'], ...rows], [3])) io.print(line);
      io.print('');
      io.print(`parameters: ${params} (${params.toLocaleString('en')})`);
      if (live !== undefined)
        io.print(`that can matter: ${live} (${live.toLocaleString('en')}), the masks hide the others`);
      if (fullKernelParams !== undefined)
        io.print(
          `with masked kernels: ${fullKernelParams} (${fullKernelParams.toLocaleString('en')}); here live taps alone are stored`,
        );
      io.print('');
      const settings = Object.entries(spec.schema.shape).map(([key, type]) => [
        `--set ${key}=${set[key]}`,
        type.description ?? '',
      ]);
      for (const line of textTable(settings)) io.print(line);
    });
