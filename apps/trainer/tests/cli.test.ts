import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPng } from '@proj/io';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { fakeIo } from './fake-io.ts';

let folder: string;
let trained: string;

async function trainer(...argv: string[]) {
  const { io, printed, logged } = fakeIo();
  const status = await run(io, argv);
  return { status, printed, logged, json: () => printed.map((line) => JSON.parse(line) as Record<string, never>) };
}

const SMALL = ['--engine', 'wasm', '--limit', '300', '--batch', '50', '--epochs', '2', '--seed', '3'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proj-trainer-'));
  trained = join(folder, 'vae');
  const result = await trainer(
    'train',
    'vae',
    ...SMALL,
    '--set',
    'latent=3',
    '--set',
    'hidden=16',
    '--out',
    trained,
    '--quiet',
  );
  expect(result.logged).toEqual([]); // no progress
  expect(result.printed[0]).toMatch(/^test {3}elbo -\d/);
  expect(result.printed.at(-1)).toBe('data   300 train, 300 validation, 300 test images of digits');
  expect(result.status).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

// systems.md 2.3 and 6.2.
it.each([
  [['autoencoder'], 210_386],
  [['vae'], 815_824],
  [['vae', '--set', 'hidden=500', '--set', 'latent=2'], 788_788],
  [['vae', '--set', 'latent=5'], 793_294],
  [['vae', '--set', 'latent=10'], 800_804],
  [['vae', '--set', 'likelihood=gaussian-learned'], 815_824 + 392_784],
  [['vae', '--set', 'layers=2', '--set', 'hidden=200', '--set', 'latent=50'], 425_284], // 784-200-200-50, and back
  [['vae', '--set', 'prior=vamp', '--set', 'components=500'], 815_824 + 500 * 784],
])('describe %j prints %i parameters, the sum of its layers', async (argv, params) => {
  const { json, status } = await trainer('describe', ...argv, '--json');
  const [line] = json() as unknown as [{ params: number; layers: { params: number }[] }];
  expect(status).toBe(0);
  expect(line.params).toBe(params);
  expect(line.layers.reduce((sum, layer) => sum + layer.params, 0)).toBe(params);
  const plain = await trainer('describe', ...argv);
  expect(plain.printed.join('\n')).toContain(String(params));
});

it('a run folder holds all that interface.md says', () => {
  const files = [
    'config.json',
    'metrics.jsonl',
    'report.html',
    'samples.png',
    'reconstructions.png',
    'latent-plane.png',
    'traversals.png',
    'interpolations.png',
  ];
  for (const file of [...files, 'checkpoints/last', 'checkpoints/best'])
    expect(existsSync(join(trained, file)), file).toBe(true);
  expect(existsSync(join(trained, '.lock'))).toBe(false);
  const config = JSON.parse(readFileSync(join(trained, 'config.json'), 'utf8')) as {
    engine: string;
    wasmBuild: string;
  };
  expect(config).toMatchObject({ engine: 'wasm', wasmBuild: expect.stringMatching(/^(fused|plain)$/) });
  const lines = readFileSync(join(trained, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['epoch', 'epoch', 'done']);
  const samples = readPng(readFileSync(join(trained, 'samples.png')));
  expect(new Set(samples.data).size).toBeGreaterThan(20); // shades, not one colour
  const report = readFileSync(join(trained, 'report.html'), 'utf8');
  expect(report.match(/<img /g)).toHaveLength(6);
  const text = report.replaceAll(/base64,[^"]+/g, '');
  expect(text.match(/NaN|undefined|https?:/)).toBeNull();
});

it('train --json prints one object an epoch and the result last, as interface.md has it', async () => {
  const out = join(folder, 'json');
  const { status, json } = await trainer(
    'train',
    'vae',
    ...SMALL,
    '--set',
    'latent=3',
    '--set',
    'hidden=16',
    '--out',
    out,
    '--json',
  );
  const lines = json() as unknown as { event: string; epoch: number; loss: number; val: object; seconds: number }[];
  expect(status).toBe(0);
  expect(lines.map(({ event }) => event)).toEqual(['epoch', 'epoch', 'done']);
  expect(Object.keys(lines[0]!)).toEqual(['event', 'epoch', 'loss', 'val', 'seconds']);
  const done = lines[2]! as unknown as {
    run: string;
    model: string;
    engine: string;
    params: number;
    metrics: Record<string, number>;
  };
  expect(done).toMatchObject({ run: out, model: 'vae', engine: 'wasm' });
  expect(Object.keys(done.metrics)).toEqual(['elbo', 'reconstruction', 'kl', 'iwae', 'activeUnits']);
  // The bound is its two parts, and IWAE is above it.
  expect(done.metrics.elbo).toBeCloseTo(done.metrics.reconstruction! - done.metrics.kl!, 3);
  expect(done.metrics.kl).toBeGreaterThan(0);
  expect(done.metrics.iwae).toBeGreaterThan(done.metrics.elbo!);
  expect([0, 1, 2, 3]).toContain(done.metrics.activeUnits);
  // Same seed, same run, bit for bit.
  const metrics = (path: string) => {
    const last = readFileSync(join(path, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').at(-1)!;
    return (JSON.parse(last) as { metrics: object }).metrics;
  };
  expect(done.metrics).toEqual(metrics(trained));
});

it('eval repeats the figures of train, and per example they have that mean', async () => {
  const last = JSON.parse(readFileSync(join(trained, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').at(-1)!) as {
    metrics: Record<string, number>;
  };
  const { json, status } = await trainer('eval', trained, '--per-example', '--json');
  const lines = json() as unknown as { index: number; metrics: Record<string, number> }[];
  expect(status).toBe(0);
  expect(lines).toHaveLength(301);
  expect(lines.at(-1)).toEqual({ model: 'vae', split: 'test', count: 300, metrics: last.metrics });
  const mean = lines.slice(0, 300).reduce((sum, { metrics }) => sum + metrics.iwae! / 300, 0);
  expect(mean).toBeCloseTo(last.metrics.iwae!, 4);
});

it('sample: same seed, same picture; another seed, another', async () => {
  const png = async (seed: string) => {
    const out = join(folder, `sample-${seed}.png`);
    const { json, status } = await trainer('sample', trained, '--count', '9', '--seed', seed, '--out', out, '--json');
    expect(status).toBe(0);
    expect(json()[0]).toMatchObject({ model: 'vae', count: 9, out });
    return readFileSync(out).toString('base64');
  };
  const first = await png('1');
  expect(await png('1')).toBe(first);
  expect(await png('2')).not.toBe(first);
});

it('temperature 0 draws the decoded mean of the prior, nine times the same', async () => {
  const out = join(folder, 'cold.png');
  await trainer('sample', trained, '--count', '4', '--temperature', '0', '--out', out);
  const { data, shape } = readPng(readFileSync(out));
  const width = shape[1]!;
  const tile = (x0: number, y0: number) =>
    Array.from({ length: 56 }, (_, y) => [...data.subarray((y0 + y) * width + x0, (y0 + y) * width + x0 + 56)]).flat();
  expect(tile(2, 2)).toEqual(tile(2 + 58, 2 + 58));
});

it('reconstruct writes originals and reconstructions', async () => {
  const out = join(folder, 'reconstruction.png');
  const { printed, status } = await trainer(
    'reconstruct',
    trained,
    '--count',
    '10',
    '--split',
    'validation',
    '--out',
    out,
  );
  expect(status).toBe(0);
  expect(printed[0]).toContain(out);
  expect(readPng(readFileSync(out)).shape[0]).toBe(2 * (2 * 28 + 3)); // two rows of tiles, gaps, doubled
});

it('sample refuses what is for other models', async () => {
  const { logged, status } = await trainer('sample', trained, '--prompt', 'recipe for');
  expect(logged[0]).toMatch(/^error: --prompt is for .*; this run is of vae. Leave it out.$/);
  expect(status).toBe(2);
});

it('the auto-encoder trains, and samples from a Gaussian fitted to its codes', async () => {
  const out = join(folder, 'autoencoder');
  const { status, json } = await trainer('train', 'autoencoder', ...SMALL, '--out', out, '--json');
  const { metrics } = json().at(-1) as unknown as { metrics: Record<string, number> };
  expect(status).toBe(0);
  expect(Object.keys(metrics)).toEqual(['mse', 'bce', 'psnr']);
  expect(metrics.psnr).toBeCloseTo(-10 * Math.log10(metrics.mse!), 6);
  expect((await trainer('sample', out, '--count', '4')).status).toBe(0);
});

it('--config takes a run of before; options given win', async () => {
  const config = join(trained, 'config.json');
  const { json, status } = await trainer(
    'train',
    '--config',
    config,
    '--set',
    'latent=4',
    '--seed',
    '9',
    '--json',
    '--dry-run',
  );
  const { config: got } = json()[0] as unknown as { config: Record<string, unknown> };
  expect(status).toBe(0);
  expect(got).toMatchObject({
    model: 'vae',
    set: { latent: 4, hidden: 16 },
    seed: 9,
    epochs: 2,
    limit: 300,
    batch: 50,
    engine: 'wasm',
  });
});

it.each([
  [[], 'no command given.'],
  [['trian', 'vae'], "unknown command 'trian'. Did you mean 'train'?"],
  [['train'], 'train needs a model'],
  [['train', 'vea'], "unknown model 'vea'. Did you mean 'vae'?"],
  [['train', 'vae', '--set', 'latnt=3'], "vae has no setting 'latnt'. Did you mean 'latent'?"],
  [['train', 'vae', '--set', 'latent'], 'Expected key=value'],
  [['train', 'vae', '--epochs', 'ten'], 'Expected a whole number of at least 1.'],
  [['train', 'vae', '--epoch', '3'], "unknown option '--epoch' (Did you mean --epochs?)"],
  [['train', 'vae', '--learning-rate', '0'], 'Expected a number above 0.'],
  [['train', 'vae', '--clip-norm', '0'], 'Expected a number above 0.'],
  [['train', 'vae', '--engine', 'wsam'], "Did you mean 'wasm'?"],
  [['train', 'vae', '--data', 'digit'], 'digits'],
  [['train', 'vae', '--data', './no/such/folder'], './no/such/folder'],
  [['train', 'vae', '--config', './nothing.json'], 'cannot read ./nothing.json'],
  [['eval', './no-run'], './no-run is not a run folder'],
  [['resume', './no-run'], './no-run is not a run folder'],
  [['eval', './no-run', '--split', 'tset'], 'Allowed choices are test, validation, train.'],
])('%j is the user’s mistake: one clear line, the usage line, status 2', async (argv, message) => {
  const { status, logged, printed } = await trainer(...argv);
  expect(status).toBe(2);
  expect(printed).toEqual([]);
  expect(logged).toHaveLength(2);
  expect(logged[0]).toContain(message);
  expect(logged[0]).not.toContain('\n');
  expect(logged[1]).toMatch(/^usage: trainer /);
});

it('never writes over another run', async () => {
  const before = readFileSync(join(trained, 'config.json'), 'utf8');
  const { status, logged } = await trainer('train', 'vae', ...SMALL, '--out', trained);
  expect(status).toBe(2);
  expect(logged[0]).toContain('is not empty');
  expect(readFileSync(join(trained, 'config.json'), 'utf8')).toBe(before);
});

it('a config.json with an unknown key of the wrong type is named', async () => {
  const file = join(folder, 'bad.json');
  writeFileSync(file, '{"model": "vae", "epochs": "many"}');
  const { status, logged } = await trainer('train', '--config', file);
  expect(status).toBe(2);
  expect(logged[0]).toContain('epochs');
});

it('a truncated checkpoint is never read as whole', async () => {
  const out = join(folder, 'truncated');
  await trainer('train', 'vae', ...SMALL, '--set', 'latent=2', '--set', 'hidden=8', '--out', out, '--quiet');
  const file = join(out, 'checkpoints', 'best', 'checkpoint.safetensors');
  writeFileSync(file, readFileSync(file).subarray(0, -100));
  const { status, logged } = await trainer('eval', out);
  expect(status).toBe(1);
  expect(logged).toHaveLength(1);
  expect(logged[0]).toContain(`${file} is damaged`);
});

it('a run folder whose parts do not fit, or of another version, is told in one line', async () => {
  const out = join(folder, 'edited');
  await trainer('train', 'vae', ...SMALL, '--set', 'latent=2', '--set', 'hidden=8', '--out', out, '--quiet');
  const config = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')) as { set: object };
  const edit = (change: object) => writeFileSync(join(out, 'config.json'), JSON.stringify({ ...config, ...change }));
  edit({ set: { ...config.set, latent: 3 } });
  for (const command of ['eval', 'resume']) {
    const { status, logged } = await trainer(command, out, ...(command === 'resume' ? ['--json'] : []));
    expect([command, status, logged.length]).toEqual([command, 1, 1]);
    expect(logged[0]).toContain('the checkpoints and config.json of');
    expect(logged[0]).toContain("'encoder/loc/kernel' must have shape [8,3], got [8,2]");
  }
  edit({ format: 1 });
  const { status, logged } = await trainer('eval', out);
  expect([status, logged.length]).toEqual([2, 2]);
  expect(logged[0]).toContain('format: expected 2, the run folder is of another version of the trainer. Train again');
});

it('--help and --version are answers, not mistakes', async () => {
  expect((await trainer('--help')).status).toBe(0);
  const version = await trainer('--version');
  expect([version.status, version.logged]).toEqual([0, []]);
  expect(version.printed[0]).toMatch(/^\d+\.\d+\.\d+/);
});

it('help COMMAND lists the options of a command, help the commands', async () => {
  const all = await trainer('help');
  expect([all.status, all.logged]).toEqual([0, []]);
  expect(all.printed.join('\n')).toMatch(/^ {2}resume .*<run>/m);
  const one = await trainer('help', 'sample');
  expect([one.status, one.logged]).toEqual([0, []]);
  expect(one.printed).toEqual((await trainer('sample', '--help')).printed);
  const none = await trainer('help', 'sampel');
  expect([none.status, none.printed]).toEqual([2, []]);
  expect(none.logged[0]).toContain("unknown command 'sampel'. Did you mean 'sample'?");
});

it('models and data list are JSON a line', async () => {
  const models = (await trainer('models', '--json')).json() as unknown as { model: string }[];
  const others = ['autoencoder', 'vae', 'dvae', 'categorical-vae', 'gmm', 'vgae', 'gae', 'pixelcnn', 'pixelcnn-pp'];
  const texts = ['lstm', 'gru', 'word-vae', 'tgvae', 'tokun', 'tokun-bits', 'tokun-vq', 'tokun-klvae'];
  const names = [...others, ...texts];
  expect(models.map(({ model }) => model)).toEqual(names);
  const sets = (await trainer('data', 'list', '--json')).json() as unknown as { name: string; available: boolean }[];
  expect(sets.find(({ name }) => name === 'digits')).toMatchObject({ available: true });
  expect(sets.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['mnist', 'fashion-mnist', 'cifar10', 'recipes', 'names', 'cora', 'shakespeare']),
  );
});

it('doctor says what runs, and why the rest does not', async () => {
  const { json } = await trainer('doctor', '--json');
  const [report] = json() as unknown as [
    { selected: string; engines: { name: string; available: boolean; reason: string }[]; node: string },
  ];
  expect(report.node).toBe(process.versions.node);
  expect(report.engines.find(({ name }) => name === report.selected)?.available).toBe(true);
  for (const { reason } of report.engines) expect(reason).not.toBe('');
});

it('doctor names the cards that CUDA is told of, and how auto chooses', async () => {
  const { io, printed } = fakeIo();
  expect(await run({ ...io, env: { CUDA_VISIBLE_DEVICES: '1' } }, ['doctor'])).toBe(0);
  expect(printed.join('\n')).toMatch(
    /auto takes the first that runs of node-gpu, node, wasm and cpu;[\s\S]*CUDA_VISIBLE_DEVICES=1: the cards that node-gpu sees/,
  );
});

it('doctor --verbose takes a training step of each model, and says which kernels are not ours', async () => {
  const { json } = await trainer('doctor', '--verbose', '--json');
  const [{ selfTest }] = json() as unknown as [
    { selfTest: { model: string; loss: number; error: string | null; fallbacks: Record<string, number> }[] },
  ];
  expect(selfTest.map(({ model }) => model)).toEqual([
    ...['autoencoder', 'vae --set net=mlp', 'vae --set net=conv', 'dvae', 'categorical-vae'],
  ]);
  for (const { loss, error, fallbacks } of selfTest) {
    expect(error).toBeNull();
    expect(loss).toBeGreaterThan(0);
    for (const count of Object.values(fallbacks)) expect(count).toBeGreaterThan(0);
  }
  const { printed, status } = await trainer('doctor', '--verbose');
  expect(status).toBe(0);
  expect(printed.join('\n')).toMatch(
    /WASM build: (plain|fused)[\s\S]*vae --set net=conv +ok, loss [\d.]+ +fell back to tfjs's: /,
  );
});
