// The native engines for checking: tfjs-node's addon, built where its download is out of reach, and Dawn.
//
//   node tooling/native/install.mjs          once; then NODE_PATH=.cache/native/node_modules before a command
//
// The addon is compiled against the C library of TensorFlow inside PyPI's wheel `tensorflow-cpu`. Needs Linux on x64, a C++
// compiler, the headers of Node (Debian: libnode-dev), pip and unzip; about 1 GB in .cache/native. Nothing of the product needs any of it.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const TENSORFLOW = '2.15.1'; // tfjs-node 4.22 asks for 2.9; 2.12 is the first wheel with the C library, 2.15 the last with these headers
const PACKAGES = { '@tensorflow/tfjs-node': '4.22.0', 'node-gyp': '12.4.0', webgpu: '0.6.2' };

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const home = join(root, '.cache', 'native');
const modules = join(home, 'node_modules');
const done = join(home, `done-${JSON.stringify({ TENSORFLOW, ...PACKAGES }).replace(/[^\w.]+/g, '-')}`);

function run(program, args, cwd = home) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status === 0) return;
  process.stderr.write(
    `${stdout ?? ''}${stderr ?? ''}${error ?? ''}\n${program} ${args.join(' ')}: failed (see above).\n`,
  );
  process.exit(1);
}

if (existsSync(done)) {
  process.stdout.write(`${modules}\n`);
  process.exit(0);
}
rmSync(home, { recursive: true, force: true });
mkdirSync(home, { recursive: true });
writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, dependencies: PACKAGES }));
run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);

// One copy of tfjs in a process: theirs give way to the house's.
const houses = createRequire(join(root, 'packages/backend/package.json'));
for (const name of readdirSync(join(modules, '@tensorflow'))) {
  let ours;
  try {
    ours = dirname(houses.resolve(`@tensorflow/${name}/package.json`));
  } catch {
    continue; // the house has none
  }
  rmSync(join(modules, '@tensorflow', name), { recursive: true });
  symlinkSync(ours, join(modules, '@tensorflow', name));
}

const wheel = [
  'download',
  '--no-deps',
  '--only-binary=:all:',
  '--python-version=3.11',
  '--platform=manylinux2014_x86_64',
];
run('python3', ['-m', 'pip', ...wheel, '-q', '-d', home, `tensorflow-cpu==${TENSORFLOW}`]);
const file = readdirSync(home).find((name) => name.endsWith('.whl'));
const parts = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const headers = ['c', 'core/platform', 'tsl/platform'].map((folder) => `tensorflow/include/tensorflow/${folder}/*`);
run('unzip', ['-q', file, ...parts.map((part) => `tensorflow/${part}`), ...headers, 'tensorflow/include/tsl/*']);
rmSync(join(home, file));

const addon = join(modules, '@tensorflow', 'tfjs-node');
mkdirSync(join(addon, 'deps', 'lib'), { recursive: true });
symlinkSync(join(home, 'tensorflow', 'include'), join(addon, 'deps', 'include'));
for (const part of parts) symlinkSync(join(home, 'tensorflow', part), join(addon, 'deps', 'lib', part));
symlinkSync(parts[0], join(addon, 'deps', 'lib', 'libtensorflow.so'));
symlinkSync(parts[1], join(addon, 'deps', 'lib', 'libtensorflow_framework.so'));
const names = ['--module_name=tfjs_binding', '--module_path=lib/napi-v8', '--napi_build_version=8'];
const nodedir = existsSync('/usr/include/node/node_api.h') ? ['--nodedir=/usr'] : [];
run(join(modules, '.bin', 'node-gyp'), ['rebuild', ...nodedir, ...names], addon);
mkdirSync(join(addon, 'lib', 'napi-v8'), { recursive: true });
cpSync(join(addon, 'build', 'Release', 'tfjs_binding.node'), join(addon, 'lib', 'napi-v8', 'tfjs_binding.node'));
writeFileSync(done, '');
process.stdout.write(`${modules}\n`);
