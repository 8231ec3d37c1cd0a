#!/usr/bin/env node
// The root scripts. Plain JavaScript without dependencies: it has to run before anything is installed.
// It brings the pinned pnpm, installs the locked dependencies, builds what the command needs, and does none of it twice.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const [command, ...args] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pnpmVersion = /^pnpm@([^+]+)/.exec(manifest.packageManager)[1];
const pnpmHome = join(root, '.cache', `pnpm-${pnpmVersion}`);
const pnpmMain = join(pnpmHome, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs');
const pnpmBin = join(pnpmHome, 'node_modules', '.bin');

const env = {
  ...process.env,
  PATH: [pnpmBin, join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  PROJ_NODE: process.version, // part of what a test's result depends on: turbo keeps one for each
};
delete env.npm_config_loglevel; // `npm run -s` would silence pnpm's own errors too
// Tests run inside the packages: a relative data folder is meant from here.
if (env.PROJ_DATA_DIR) env.PROJ_DATA_DIR = resolve(process.cwd(), env.PROJ_DATA_DIR);

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Runs a step of the set-up; its output is shown only when it fails. */
function quietly(what, program, programArgs) {
  const options = { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 28 };
  const { status, stdout, stderr, error } = spawnSync(program, programArgs, options);
  if (status !== 0) fail(`${stdout ?? ''}${stderr ?? ''}${error ?? ''}\n${what}: failed (see above).`);
}

function loudly(program, programArgs, extraEnv = {}) {
  const { status, signal } = spawnSync(program, programArgs, {
    cwd: root,
    env: { ...env, ...extraEnv },
    stdio: 'inherit',
  });
  return status ?? (signal === 'SIGINT' ? 130 : 143);
}

const pnpm = (...pnpmArgs) => [process.execPath, [pnpmMain, ...pnpmArgs]];
const biome = (...biomeArgs) => [
  process.execPath,
  [join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'), ...biomeArgs],
];
const turbo = (...turboArgs) => [process.execPath, [join(root, 'node_modules', 'turbo', 'bin', 'turbo'), ...turboArgs]];

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node ${process.versions.node} is too old: 20.19 or newer is needed. Get it from https://nodejs.org.`);
}

/** What the installation depends on: the lock file, the manifests, the system. A changed hash means install again. */
function installHash() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${pnpmVersion}`);
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'];
  for (const group of ['packages', 'apps', 'tooling']) {
    for (const name of readdirSync(join(root, group)).sort()) files.push(join(group, name, 'package.json'));
  }
  for (const file of files) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(file).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function install() {
  if (!existsSync(pnpmMain)) {
    mkdirSync(pnpmHome, { recursive: true });
    const npm = process.env.npm_execpath;
    const [program, first] = npm ? [process.execPath, [npm]] : ['npm', []];
    process.stderr.write(`Fetching pnpm ${pnpmVersion} ...\n`);
    quietly(`Fetching pnpm ${pnpmVersion}`, program, [
      ...first,
      'install',
      '--prefix',
      pnpmHome,
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      `pnpm@${pnpmVersion}`,
    ]);
  }
  const stamp = join(root, 'node_modules', '.proj-installed');
  const hash = installHash();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  process.stderr.write('Installing dependencies ...\n');
  quietly('Installing dependencies', ...pnpm('install', '--frozen-lockfile'));
  writeFileSync(stamp, hash);
}

/** Builds `name` and what it needs; turbo answers from its cache when nothing changed. */
function build(name) {
  if (!existsSync(join(root, 'packages', 'io', 'dist'))) process.stderr.write('Building (once) ...\n');
  quietly(`Building ${name}`, ...turbo('run', 'build', `--filter=@proj/${name}`, '--output-logs=errors-only'));
}

/** Runs a built program in this process, so that signals, exit status and terminal are its own. */
async function runProgram(path, programArgs) {
  process.env.PROJ_DATA_DIR = env.PROJ_DATA_DIR ?? '';
  if (!process.env.PROJ_DATA_DIR) delete process.env.PROJ_DATA_DIR;
  process.argv = [process.execPath, join(root, path), ...programArgs];
  stopWithParent();
  await import(pathToFileURL(join(root, path)).href);
}

/**
 * npm does not pass on a SIGTERM through its shell, and killed outright (kill -9) it cannot: a program left behind would go
 * on writing into its run folder. So when the parent goes, or on Linux the shell's parent, this program gets a SIGTERM,
 * at which it saves its work.
 */
function stopWithParent() {
  if (!process.env.npm_lifecycle_event) return;
  const ancestors = () => `${process.ppid} ${parentOf(process.ppid)}`;
  const first = ancestors();
  const watch = setInterval(() => {
    if (ancestors() === first) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 10_000).unref();
  }, 100).unref();
}

/** From /proc/PID/stat, whose fourth field it is; the second, the name in brackets, may hold spaces. Elsewhere ''. */
function parentOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[1];
  } catch {
    return '';
  }
}

const concurrency = '--concurrency=2';

function test() {
  return loudly(
    ...turbo('run', 'test', 'test:long', concurrency, '--output-logs=new-only', '--continue=dependencies-successful'),
  );
}

/** Takes every step, also after one that failed: a slip in the formatting must not hide a broken test. */
function check() {
  const steps = [
    ['lint', () => loudly(...biome('ci', '.', ...(process.stdout.isTTY ? [] : ['--colors=off'])))],
    ['types', () => loudly(...turbo('run', 'types', concurrency, '--output-logs=errors-only'))],
    ['tests', test], // with the package checks: tooling/e2e
  ];
  const failed = steps.filter(([, step]) => step() !== 0).map(([name]) => name);
  if (failed.length > 0) fail(`check: ${failed.join(', ')} failed.`);
  return 0;
}

checkNode();
install();
switch (command) {
  case 'start':
    build('trainer');
    await runProgram('apps/trainer/dist/main.js', ['start', ...args]);
    break;
  case 'trainer':
    build('trainer');
    await runProgram('apps/trainer/dist/main.js', args);
    break;
  case 'bench':
    build('bench');
    await runProgram('tooling/bench/dist/main.js', args);
    break;
  case 'demo':
    build('demo');
    await runProgram('apps/demo/serve.mjs', args);
    break;
  case 'test':
    process.exitCode = test();
    break;
  case 'check':
    process.exitCode = check();
    break;
  case 'engines':
    build('trainer');
    await runProgram('tooling/ci/engines.mjs', args);
    break;
  default:
    fail(
      `tooling/run.mjs: unknown command '${command ?? ''}'. Expected start, test, trainer, bench, demo, check or engines.`,
    );
}
