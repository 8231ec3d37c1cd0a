// The native engines for checking: tfjs-node's addon, built where its download is out of reach, and Dawn. README.md says how and why.
//
//   node tooling/native/install.mjs          once; then NODE_PATH=.cache/native/node_modules before a command
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// tfjs-node 4.22 asks for TensorFlow 2.9; 2.12 is the first wheel with the C library, 2.15 the last with these headers.
const TENSORFLOW = 'tensorflow-cpu==2.15.1';
const WHEEL_SHA256 = '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26'; // cp311, manylinux2014_x86_64
const PACKAGES = { '@tensorflow/tfjs-node': '4.22.0', 'node-api-headers': '1.9.0', webgpu: '0.6.2' };

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const home = join(root, '.cache', 'native');
const stamp = `${[TENSORFLOW, ...Object.entries(PACKAGES).flat()].join('-').replace(/[^\w.]+/g, '-')}.done`;
const modules = join(home, 'node_modules');

try {
  if (!existsSync(join(home, stamp))) install();
  process.stdout.write(`${modules}\n`);
} catch (error) {
  process.stderr.write(`tooling/native: ${error.message}\n`);
  process.exitCode = 1;
}

function install() {
  const here = `${process.platform}-${process.arch}`;
  if (here !== 'linux-x64') fail(`the wheel of TensorFlow used here is for linux-x64, and this is ${here}`);
  need('npm', ['--version'], 'npm, which comes with Node');
  need('g++', ['--version'], 'a C++ compiler (Debian: apt-get install g++)');
  need('python3', ['-m', 'pip', '--version'], 'pip for python3 (Debian: apt-get install python3-pip)');

  // Made aside and moved into place: whoever finds the folder finds it whole, though two made it at once.
  const work = `${home}-${process.pid}`;
  try {
    mkdirSync(work, { recursive: true });
    installPackages(work);
    unpackTensorflow(work);
    compileAddon(join(work, 'node_modules'), join(work, 'tensorflow'));
    writeFileSync(join(work, stamp), '');
    if (!existsSync(join(home, stamp))) {
      rmSync(home, { recursive: true, force: true });
      renameSync(work, home);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function installPackages(work) {
  writeFileSync(join(work, 'package.json'), JSON.stringify({ private: true, dependencies: PACKAGES }));
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], work);

  // One copy of tfjs in a process: theirs give way to the house's.
  const houses = createRequire(join(root, 'packages/backend/package.json'));
  const theirs = join(work, 'node_modules', '@tensorflow');
  for (const name of readdirSync(theirs)) {
    let ours;
    try {
      ours = dirname(houses.resolve(`@tensorflow/${name}/package.json`));
    } catch {
      continue; // the house has none
    }
    rmSync(join(theirs, name), { recursive: true });
    symlinkSync(ours, join(theirs, name));
  }
}

/** TensorFlow's libraries and the headers of its C interface, under work/tensorflow. pip holds the wheel to its SHA-256. */
function unpackTensorflow(work) {
  writeFileSync(join(work, 'requirements.txt'), `${TENSORFLOW} --hash=sha256:${WHEEL_SHA256}\n`);
  const wheel = ['--only-binary=:all:', '--python-version=3.11', '--platform=manylinux2014_x86_64', '--no-deps'];
  const file = ['--require-hashes', '-r', 'requirements.txt', '-d', 'wheel'];
  run('python3', ['-m', 'pip', 'download', '--quiet', ...wheel, ...file], work);
  const unpack = [
    'import re, sys, zipfile',
    'parts = re.compile(r"tensorflow/(libtensorflow_(cc|framework)\\.so\\.2$|include/(tsl|tensorflow/(c|(core|tsl)/platform))/)")',
    'wheel = zipfile.ZipFile(sys.argv[1])',
    'wheel.extractall(members=[name for name in wheel.namelist() if parts.match(name)])',
  ];
  run('python3', ['-c', unpack.join('\n'), join('wheel', readdirSync(join(work, 'wheel'))[0])], work);
  rmSync(join(work, 'wheel'), { recursive: true });
}

/** tfjs-node's two sources, as its binding.gyp has them, with the headers of Node-API from npm in place of a whole Node's. */
function compileAddon(modules, tensorflow) {
  const addon = join(modules, '@tensorflow', 'tfjs-node');
  const libraries = join(addon, 'deps', 'lib');
  const binding = join(addon, 'lib', 'napi-v8');
  for (const folder of [libraries, binding]) mkdirSync(folder, { recursive: true });
  for (const [name, file] of Object.entries({
    'libtensorflow.so': 'libtensorflow_cc.so.2',
    'libtensorflow_cc.so.2': 'libtensorflow_cc.so.2',
    'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
    'libtensorflow_framework.so.2': 'libtensorflow_framework.so.2',
  })) {
    symlinkSync(relative(libraries, join(tensorflow, file)), join(libraries, name));
  }
  const flags = [
    '-shared',
    '-fPIC',
    '-O2',
    '-std=c++17',
    '-fno-exceptions',
    '-fno-rtti',
    '-DNAPI_VERSION=8',
    '-DNDEBUG',
  ];
  const headers = [addon, join(tensorflow, 'include'), join(modules, 'node-api-headers', 'include')];
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(addon, 'binding', name));
  const links = ['-L', libraries, '-ltensorflow', '-ltensorflow_framework', '-Wl,-rpath,$ORIGIN/../../deps/lib'];
  const module = ['-DNODE_GYP_MODULE_NAME=tfjs_binding', '-o', join(binding, 'tfjs_binding.node')];
  run('g++', [...flags, ...headers.map((folder) => `-I${folder}`), ...sources, ...module, ...links], addon);
  run(process.execPath, ['-e', 'require(process.argv[1])', join(binding, 'tfjs_binding.node')], addon);
}

function need(program, args, what) {
  if (spawnSync(program, args, { stdio: 'ignore' }).status !== 0) fail(`needs ${what}`);
}

function run(program, args, cwd) {
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  const command = [program, ...args].join(' ').split('\n')[0].slice(0, 120);
  fail(`${command}: ${error ?? `ended with ${signal ?? `status ${status}`}, see above`}`);
}

function fail(why) {
  throw new Error(why);
}
