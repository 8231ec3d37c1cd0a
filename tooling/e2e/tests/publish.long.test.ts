import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromium, runPage } from '../src/chromium.ts';
import { Consumer } from '../src/consumer.ts';
import { ownNames } from '../src/diagram.ts';
import { packageNames, readManifest, root } from '../src/paths.ts';
import { killAll, run } from '../src/process.ts';
import { readmeInstall, readmeSnippet } from '../src/readme.ts';
import { Registry } from '../src/registry.ts';
import { Workspace } from '../src/workspace.ts';

const temporary = mkdtempSync(join(tmpdir(), 'proj-e2e-'));
let registry: Registry;
let workspace: Workspace;
let version: string;

/** Nothing may outlive the test, even one that was interrupted. */
function cleanUp(): void {
  killAll();
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
process.once('exit', cleanUp);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) {
  process.once(signal, () => {
    cleanUp();
    process.kill(process.pid, 'SIGKILL'); // vitest forbids process.exit
  });
}

async function timed<T>(what: string, work: Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work;
  console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/** A spec of a README's install line, with our own packages at the version just published. */
const pinned = (spec: string) => (spec.startsWith('@proj/') ? `${spec}@${version}` : spec);

/** What comes along with a package of ours: itself and what it uses, all the way down. */
const broughtBy = (name: string): string[] => [
  name,
  ...ownNames(workspace.manifest(name).dependencies).flatMap(broughtBy),
];

beforeAll(async () => {
  registry = await timed('registry', Registry.start(join(temporary, 'registry')));
  workspace = Workspace.copyTo(join(temporary, 'workspace'), registry.env);
  await timed('changeset version', workspace.version());
  version = workspace.manifest(packageNames[0]!).version;
  await timed('build', workspace.build());
  await timed('changeset publish', workspace.publish());
});

afterAll(async () => {
  await registry?.stop();
  cleanUp();
});

it('changesets give all packages one new version', () => {
  expect(version).not.toBe(readManifest(join(root, 'packages', packageNames[0]!)).version);
  expect(packageNames.map((name) => `${name} ${workspace.manifest(name).version}`)).toEqual(
    packageNames.map((name) => `${name} ${version}`),
  );
});

it('changesets tell users what changed', () => {
  const changelog = readFileSync(join(workspace.folder, 'packages', packageNames[0]!, 'CHANGELOG.md'), 'utf8');
  expect(changelog).toContain(`## ${version}`);
  expect(changelog).toContain('Tried out.');
});

describe.each(packageNames)('@proj/%s as published', (short) => {
  const name = `@proj/${short}`;
  const readme = () => readFileSync(join(root, 'packages', short, 'README.md'), 'utf8');
  const consumer = () => new Consumer(join(temporary, 'consumers', short), registry.env);

  it('holds what a user needs, and no tests', async () => {
    const listed = await run('tar', ['-tzf', await registry.save(name, version)], { cwd: temporary });
    const files = listed
      .trim()
      .split('\n')
      .map((file) => file.replace(/^package\//, ''));
    expect(files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'src/index.ts']));
    expect(files.filter((file) => /\.test(-d)?\.ts$|fixtures/.test(file))).toEqual([]);
  });

  it('is clean for publint', async () => {
    const { messages, pkg } = await publint({ pack: { tarball: await registry.tarball(name, version) }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('is clean for attw', async () => {
    const attw = join(root, 'tooling', 'e2e', 'node_modules', '.bin', 'attw');
    await run(attw, [await registry.save(name, version), '--profile', 'node16'], { cwd: temporary });
  });

  it("installs alone with the README's line, and brings only what it uses", async () => {
    const specs = readmeInstall(readme());
    expect(specs.filter((spec) => spec.startsWith('@proj/'))).toEqual([name]);
    await consumer().install(specs.map(pinned));
    expect(consumer().installed('@proj')).toEqual([...new Set(broughtBy(short))].sort());
    expect(readManifest(join(consumer().folder, 'node_modules', name)).version).toBe(version);
  });

  it('loads by every name it exports, as ESM and as CJS', async () => {
    const entries = Object.keys(workspace.manifest(short).exports ?? {}).filter((entry) => entry !== './package.json');
    const names = JSON.stringify(entries.map((entry) => name + entry.slice(1)));
    const esm = `for (const name of ${names}) console.log(Object.keys(await import(name)).sort().join());`;
    const cjs = `for (const name of ${names}) console.log(Object.keys(require(name)).sort().join());`;
    const exported = await consumer().node('--input-type=module', '--eval', esm);
    expect(
      exported
        .trim()
        .split('\n')
        .filter((line) => line.length > 0).length,
    ).toBe(entries.length);
    expect(await consumer().node('--input-type=commonjs', '--eval', cjs)).toBe(exported);
  });

  it("compiles the README's snippet for Node, ESM and CJS", async () => {
    await consumer().compileForNode('readme', readmeSnippet(readme()).code);
  });

  it("compiles the README's snippet for a bundler", async () => {
    await consumer().checkForBundler('readme', readmeSnippet(readme()).code);
  });

  it.each(['readme.mjs', 'readme.cjs'])('%s prints what the README promises', async (file) => {
    expect(await consumer().node(file)).toBe(readmeSnippet(readme()).output);
  });
});

it('@proj/distributions uses nothing else of ours', () => {
  expect(broughtBy('distributions')).toEqual(['distributions']);
});

describe("a user's own VAE, of layers, distributions and training", () => {
  const source = readFileSync(join(root, 'tooling', 'e2e', 'consumers', 'vae.ts'), 'utf8');
  const consumer = () => new Consumer(join(temporary, 'consumers', 'vae'), registry.env);

  it('takes less than 60 lines', () => {
    expect(source.trimEnd().split('\n').length).toBeLessThan(60);
  });

  it('installs and compiles', async () => {
    const own = ['@proj/layers', '@proj/distributions', '@proj/training'];
    const tensorflow = ['core', 'layers', 'backend-cpu'].map((part) => `@tensorflow/tfjs-${part}@^4.22.0`);
    await consumer().install([...own.map(pinned), ...tensorflow]);
    await consumer().compileForNode('vae', source);
    await consumer().checkForBundler('vae', source);
  });

  it.each(['vae.mjs', 'vae.cjs'])('%s learns', async (file) => {
    const [first, last] = JSON.parse(await consumer().node(file)) as [number, number];
    expect(first).toBeGreaterThan(9); // nats: what knowing the pixels alone is worth
    expect(last).toBeLessThan(5); // five seeds ended at 3.4 to 4.2
  });
});

describe('@proj/backend where no optional engine is installed', () => {
  const specs = () => [
    `@proj/backend@${version}`,
    '@tensorflow/tfjs-core@^4.22.0',
    '@tensorflow/tfjs-backend-wasm@^4.22.0',
  ];
  const consumer = (manager: string) => new Consumer(join(temporary, 'consumers', `plain-${manager}`), registry.env);
  const source = [
    `import { useEngine } from '@proj/backend';`,
    `useEngine().then(({ name, passedOver }) => console.log([...(passedOver ?? []).map((p) => p.name), name].join()));`,
  ].join('\n');

  it.each(['npm', 'pnpm'] as const)(
    '%s installs it without a word of complaint, and none of those engines',
    async (manager) => {
      expect(await consumer(manager).complaints(manager, specs())).toEqual([]);
      const there = ['tfjs-backend-wasm', 'tfjs-core', ...(manager === 'npm' ? ['tfjs-backend-cpu'] : [])];
      expect(consumer(manager).installed('@tensorflow')).toEqual(there.sort());
      expect(existsSync(join(consumer(manager).folder, 'node_modules', 'webgpu'))).toBe(false);
    },
  );

  it.each(['plain.mjs', 'plain.cjs'])('%s runs on wasm by itself, and says nothing else', async (file) => {
    await consumer('npm').compileForNode('plain', source);
    expect(await consumer('npm').aloud(file)).toBe('node-gpu,node,wasm\n');
  });

  it('Vite and esbuild bundle it', async () => {
    const { vite } = readManifest(join(root, 'apps', 'demo')).devDependencies!;
    await consumer('npm').install([...specs(), `vite@${vite}`, 'esbuild@^0.27.0']);
    await consumer('npm').buildPage('plain', source);
    for (const format of ['esm', 'iife']) {
      const esbuild = join('node_modules', 'esbuild', 'bin', 'esbuild');
      const options = ['--bundle', '--log-level=warning', `--format=${format}`, `--outfile=${format}.js`];
      expect(await consumer('npm').aloud(esbuild, 'plain.ts', ...options)).toBe('');
    }
  });
});

describe("a stranger's mixture of Gaussians, of distributions and TensorFlow.js alone", () => {
  const source = readFileSync(join(root, 'tooling', 'e2e', 'consumers', 'mixture.ts'), 'utf8');
  const promised = readmeSnippet(readFileSync(join(root, 'packages', 'distributions', 'README.md'), 'utf8'), 1).output;
  const consumer = () => new Consumer(join(temporary, 'consumers', 'mixture'), registry.env);
  const missing = existsSync(chromium) ? '' : ` (skipped: no ${chromium}; Debian: apt-get install chromium)`;

  const alone = async () => [await registry.save('@proj/distributions', version), '@tensorflow/tfjs@^4.22.0'];

  /** The program's own truth. 2,000 draws leave standard errors of 0.01 for weights, 0.04 for means and 0.03 for scales. */
  const expectLearned = (printed: string) => {
    const [weights, means, scales] = ['weights', 'means', 'scales'].map((name) => {
      const [, numbers = ''] = new RegExp(`^${name} +(.+)$`, 'm').exec(printed) ?? [];
      return numbers.split(', ').map(Number);
    });
    const off = (got: number[] | undefined, truth: number[]) =>
      Math.max(...truth.map((value, k) => Math.abs(got![k]! - value)));
    expect(off(weights, [0.2, 0.3, 0.5])).toBeLessThan(0.04);
    expect(off(means, [-4, 0, 3])).toBeLessThan(0.15);
    expect(off(scales, [0.5, 1, 0.8])).toBeLessThan(0.1);
    expect(printed).toBe(promised);
  };

  it('installs the one tarball beside @tensorflow/tfjs, and compiles', async () => {
    await consumer().install(await alone());
    expect(consumer().installed('@proj')).toEqual(['distributions']);
    await consumer().compileForNode('mixture', source);
    await consumer().checkForBundler('mixture', source);
  });

  it.each(['mixture.mjs', 'mixture.cjs'])('%s learns what made the data', async (file) => {
    expectLearned(await consumer().node(file));
  });

  it.skipIf(missing)(`learns it in a Vite page, in Chromium${missing}`, async () => {
    const { vite } = readManifest(join(root, 'apps', 'demo')).devDependencies!;
    await consumer().install([...(await alone()), `vite@${vite}`]);
    expectLearned(await runPage(await consumer().buildPage('mixture', source), /^scales/));
  });
});
