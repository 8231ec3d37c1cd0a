#!/usr/bin/env node
// The suites on the engines that nobody has to have: tfjs-node, and WebGPU through Dawn. Brings what they need under .cache/native
// (tooling/native), runs each package's quick suite on the engine in place of cpu, then what the trainer does on it, and prints a table.
//
//   npm run -s engines                       both engines
//   npm run -s engines -- node layers        one engine, one package; several of each may stand
//
// Reports stay in .cache/engines, where summary.mjs adds them up. Exit status: 1 if anything failed, or did not run.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addUp, ENGINE_REPORTS } from './reports.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const config = join(root, 'tooling', 'vitest', 'vitest.config.ts');

/** Debian's Chromium brings a Vulkan driver that needs no card. */
const SWIFTSHADER = {
  VK_ICD_FILENAMES: '/usr/lib/chromium/vk_swiftshader_icd.json',
  LD_LIBRARY_PATH: '/usr/lib/chromium',
};
const ENGINES = { node: [{}], webgpu: [{}, SWIFTSHADER] };
/** The packages that compute, the longest first. */
const PACKAGES = ['models', 'distributions', 'layers', 'backend', 'training'];
/** Suites that choose their engine themselves, and need what is installed here: by engine their files. */
const parity = (engine) => [`tests/parity/${engine}.long.test.ts`];
const runs = (engine) => [`tests/engines/${engine}.long.test.ts`];
const CHOOSING = {
  parity: { folder: 'apps/trainer', node: parity('node'), webgpu: parity('webgpu') },
  runs: { folder: 'apps/trainer', node: runs('node'), webgpu: runs('webgpu') },
  addon: { folder: 'packages/backend', node: ['src/real-addon.test.ts'] },
};
/** A suite that hangs is ended after so many minutes. */
const PATIENCE = 20;
/** Suites that run side by side. */
const LANES = 2;

const args = process.argv.slice(2);
const known = [...Object.keys(ENGINES), ...PACKAGES, ...Object.keys(CHOOSING)];
const unknown = args.find((arg) => !known.includes(arg));
if (unknown !== undefined)
  fail(`engines: '${unknown}' is neither an engine nor a suite. There are: ${known.join(', ')}.`);
const engines = args.filter((arg) => arg in ENGINES);
const chosen = args.filter((arg) => !(arg in ENGINES));

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** @returns the folder for NODE_PATH. */
function installNative() {
  const command = [join(root, 'tooling', 'native', 'install.mjs')];
  for (let attempt = 1; ; attempt++) {
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
    if (status === 0) return stdout.trim().split('\n').at(-1);
    process.stderr.write(`${stdout}${stderr}`);
    if (attempt === 2) fail('engines: tfjs-node and WebGPU could not be installed under .cache/native (see above).');
  }
}

/** The environment in which the engine starts, and what it says of itself. Ends the program where it does not start. */
function startable(engine, nodePath) {
  const program = `
    const { useEngine } = await import('@proj/backend');
    const tf = await import('@tensorflow/tfjs-core');
    await import('@tensorflow/tfjs-layers');
    const { version, reason } = await useEngine('${engine}');
    const [sum] = await tf.sum(tf.matMul(tf.ones([64, 64]), tf.ones([64, 64]))).data();
    if (sum !== 64 ** 3) throw new Error('a product of ones is ' + sum);
    console.log(version + ', ' + reason);`;
  const said = [];
  for (const extra of ENGINES[engine]) {
    if (!existsSync(extra.VK_ICD_FILENAMES ?? root)) continue;
    const env = { ...process.env, ...extra, NODE_PATH: nodePath };
    const options = { cwd: join(root, 'apps', 'trainer'), env, encoding: 'utf8', timeout: 120_000 };
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], options);
    if (status === 0) {
      process.stderr.write(`${engine}: ${stdout.trim()}${extra === SWIFTSHADER ? ', on SwiftShader' : ''}\n`);
      return env;
    }
    said.push(stderr.split('\n').find((line) => /^\w*Error: /.test(line)) ?? `status ${status}: ${stderr.trim()}`);
  }
  return fail(`engines: ${engine} does not start here: ${said.join('; ')}`);
}

/** No suite outlives this program. */
const running = new Set();
process.on('exit', () => {
  for (const { pid } of running) process.kill(-pid, 'SIGKILL');
});
for (const [signal, status] of Object.entries({ SIGINT: 130, SIGTERM: 143 }))
  process.on(signal, () => process.exit(status));

/** Runs one suite; its report is written, its output shown if it fails. */
function runSuite({ engine, suite, env }) {
  const { folder = `packages/${suite}`, [engine]: files = [] } = CHOOSING[suite] ?? {};
  const long = files.some((file) => file.endsWith('.long.test.ts'));
  const report = join(root, ENGINE_REPORTS, `${engine}-${suite}.json`);
  const started = Date.now();
  const child = spawn(process.execPath, [vitest, 'run', '--config', config, `--outputFile.json=${report}`, ...files], {
    cwd: join(root, folder),
    env: {
      ...env,
      NO_COLOR: '1',
      ...(long && { PROJ_SUITE: 'long' }),
      ...(files.length === 0 && { PROJ_ENGINE: engine }),
    },
    detached: true, // a group of its own, which can be ended as a whole
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const patience = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 60_000 * PATIENCE);
  return new Promise((done) => {
    child.on('close', (status) => {
      clearTimeout(patience);
      running.delete(child);
      const seconds = (Date.now() - started) / 1000;
      const counts = existsSync(report) ? addUp(JSON.parse(readFileSync(report, 'utf8'))) : null;
      const bad = status !== 0 || counts === null || counts.failed > 0 || counts.passed === 0;
      if (bad) process.stderr.write(`\n${engine} ${suite}:\n${output}\n`);
      else process.stderr.write(`${engine} ${suite}: ${counts.passed} passed, ${seconds.toFixed(0)} s\n`);
      const reasons = output.match(/^(not run|skipped) on .*$/gm) ?? []; // said by tooling/vitest
      done({ engine, suite, seconds, counts, bad, reasons });
    });
  });
}

const nodePath = [installNative(), process.env.NODE_PATH].filter(Boolean).join(delimiter);
const jobs = (engines.length > 0 ? engines : Object.keys(ENGINES)).flatMap((engine) => {
  const env = startable(engine, nodePath);
  const suites = [...PACKAGES, ...Object.keys(CHOOSING)].filter((suite) => !CHOOSING[suite] || CHOOSING[suite][engine]);
  return suites
    .filter((suite) => chosen.length === 0 || chosen.includes(suite))
    .map((suite) => ({ engine, suite, env }));
});
mkdirSync(join(root, ENGINE_REPORTS), { recursive: true });
for (const { engine, suite } of jobs) rmSync(join(root, ENGINE_REPORTS, `${engine}-${suite}.json`), { force: true });

const results = [];
const lane = async () => {
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) results.push(await runSuite(job));
};
await Promise.all(Array.from({ length: LANES }, lane));

const rows = results.sort((a, b) => (a.engine < b.engine ? -1 : 1));
console.log(`\n| Node ${process.versions.node} | engine | passed | failed | skipped | seconds |`);
console.log('| --- | --- | --- | --- | --- | --- |');
for (const { engine, suite, seconds, counts } of rows) {
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 'did not end', skipped: 0 };
  console.log(`| ${suite} | ${engine} | ${passed} | ${failed} | ${skipped} | ${seconds.toFixed(0)} |`);
}
for (const { suite, reasons } of rows) {
  for (const reason of new Set(reasons)) console.log(`${suite}: ${reason}`);
}
for (const { engine, counts } of rows) {
  for (const test of counts?.failures ?? []) console.log(`failed on ${engine}: ${relative(root, test)}`);
}
process.exit(rows.some(({ bad }) => bad) ? 1 : 0);
