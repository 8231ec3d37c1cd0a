import util from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { Packages } from '../../tests/packages.ts';
import { probeNative, restoreUtil, setEnvironment } from './native.ts';

const packages = new Packages();
afterAll(() => packages.dispose());

it('an addon is asked in a process of its own, and gets the functions that Node 23 took from util', async () => {
  packages.add('good', '4.22.0', {
    'index.js': `const util = require('util');
      const said = ['TF_CPP_MIN_LOG_LEVEL', 'TF_FORCE_GPU_ALLOW_GROWTH'].map((name) => process.env[name]);
      const tensorflow = [util.isNullOrUndefined(null), util.isArray([]), ...said].join();
      console.log('whatever it prints');
      exports.backend = () => ({ binding: { TF_Version: tensorflow }, isUsingGpuDevice: false });`,
  });
  expect(await probeNative('good')).toEqual({ tensorflow: 'true,true,3,true', gpu: false });
});

it('an addon that fails is told by its error', async () => {
  packages.add('bad', '4.22.0', { 'index.js': "throw new Error('libtensorflow.so.2: cannot open\\nmore lines');" });
  const error = (await probeNative('bad')) as Error;
  expect(error).toBeInstanceOf(Error);
  expect(error.message).toMatch(/^Error: libtensorflow\.so\.2: cannot open\nmore lines\n/);
});

it('an addon that ends its process is told by how', async () => {
  packages.add('aborts', '4.22.0', { 'index.js': "process.kill(process.pid, 'SIGILL'); setInterval(() => {}, 1);" });
  expect(await probeNative('aborts')).toEqual(new Error('its process ended: SIGILL'));
  packages.add('exits', '4.22.0', { 'index.js': 'process.exit(0);' });
  expect(await probeNative('exits')).toEqual(new Error('its process ended: it said nothing'));
});

it('what the user set for TensorFlow stays', () => {
  const env = { TF_CPP_MIN_LOG_LEVEL: '0' };
  setEnvironment(env);
  expect(env).toEqual({ TF_CPP_MIN_LOG_LEVEL: '0', TF_FORCE_GPU_ALLOW_GROWTH: 'true' });
});

it('restoreUtil gives back what is missing, and leaves what is there but from Node 22 on, where it warns of its age', () => {
  const functions = util as unknown as Record<string, unknown>;
  const { isArray, isNullOrUndefined } = functions;
  const own = () => true;
  functions.isArray = own;
  functions.isNullOrUndefined = undefined;
  try {
    restoreUtil('20.19.0');
    expect(functions.isArray).toBe(own);
    restoreUtil('22.0.0');
    expect(functions.isArray).toBe(Array.isArray);
    const restored = functions.isNullOrUndefined as (value: unknown) => boolean;
    expect([null, undefined, 0, ''].map(restored)).toEqual([true, true, false, false]);
  } finally {
    Object.assign(functions, { isArray, isNullOrUndefined });
  }
});
