import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diagram, ownNames } from '../src/diagram.ts';
import { filesBelow, importsOf, isTest, packageOf } from '../src/imports.ts';
import { packageNames, readManifest, root, treeFiles } from '../src/paths.ts';
import { readmeInstall, readmeSnippet } from '../src/readme.ts';

const files = treeFiles();
const isBuiltin = (specifier: string) => specifier.startsWith('node:') || builtinModules.includes(specifier);
const isRelative = (specifier: string) => /^\.{0,2}\//.test(specifier);

describe('the top of the house', () => {
  it('holds exactly its rooms', () => {
    const rooms = ['.changeset', '.ci', 'apps', 'docs', 'packages', 'tooling'];
    const papers = ['CONTRIBUTING.md', 'LICENSE', 'README.md'];
    const machinery = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'turbo.json'];
    const top = [...new Set(files.map((file) => file.split('/')[0]!))];
    const isDotFile = (name: string) => name.startsWith('.') && statSync(join(root, name)).isFile();
    expect(top.filter((name) => !isDotFile(name)).sort()).toEqual([...rooms, ...papers, ...machinery].sort());
  });

  it.each([
    ['packages', ['backend', 'distributions', 'io', 'layers', 'models', 'tokun', 'training']],
    ['apps', ['demo', 'trainer']],
    ['tooling', ['assembly', 'bench', 'ci', 'e2e', 'keras', 'lint', 'native', 'tsconfig', 'tsup', 'vitest']],
  ])('%s/ holds its own', (room, names) => {
    const found = files.filter((file) => file.startsWith(`${room}/`) && file.split('/').length > 2);
    expect([...new Set(found.map((file) => file.split('/')[1]!))].sort()).toEqual(names);
  });
});

it("the README's model is the consumer's, to the letter", () => {
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const excerpt = /^```ts\n([\s\S]*?)^```$/m.exec(read('README.md'))?.[1];
  expect(excerpt).toMatch(/^class BarVae /);
  expect(read('tooling/e2e/consumers/vae.ts')).toContain(excerpt);
});

it("the second example of distributions' README is the consumer's, to the letter", () => {
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const source = read('tooling/e2e/consumers/mixture.ts');
  expect(readmeSnippet(read('packages/distributions/README.md'), 1).code).toBe(source);
  expect(source.trimEnd().split('\n').length).toBeLessThan(40);
});

describe('what does not run on an engine', () => {
  type Excluded = Record<string, string | Record<string, string>>;
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, unknown>;
  const lists: Record<string, Excluded> = {
    ...(read('tooling/vitest/webgpu.json') as Record<string, Excluded>),
    'backend, on one engine': read('packages/backend/tests/one-engine.json') as Excluded,
  };
  /** `a/{b,c}/**` -> a/b, a/c. */
  const paths = (glob: string): string[] => {
    const [, before, names, after] = /^(.*)\{(.*)\}(.*)$/.exec(glob) ?? [];
    if (names !== undefined) return names.split(',').flatMap((name) => paths(`${before}${name}${after}`));
    return [glob.replace(/\/\*\*$/, '')];
  };

  it.each(Object.entries(lists))('is there: %s', (list, excluded) => {
    const folder = join(root, 'packages', list.split(',')[0]!);
    expect(Object.keys(excluded).length).toBeGreaterThan(0);
    for (const [glob, tests] of Object.entries(excluded)) {
      for (const path of paths(glob)) expect(existsSync(join(folder, path)), path).toBe(true);
      if (typeof tests === 'string') continue;
      const source = readFileSync(join(folder, glob), 'utf8');
      for (const name of Object.keys(tests)) expect(source, name).toContain(name.split(' > ').at(-1));
    }
  });
});

describe('releases', () => {
  it('give all packages one version', () => {
    const config = JSON.parse(readFileSync(join(root, '.changeset', 'config.json'), 'utf8')) as { fixed: string[][] };
    expect(config.fixed.map((group) => [...group].sort())).toEqual([packageNames.map((name) => `@proj/${name}`)]);
    expect(new Set(packageNames.map((name) => readManifest(join(root, 'packages', name)).version)).size).toBe(1);
  });

  it.each(['apps', 'tooling'])('leave %s at home', (group) => {
    const folders = readdirSync(join(root, group)).map((name) => join(root, group, name));
    const manifests = folders.filter((folder) => existsSync(join(folder, 'package.json'))).map(readManifest);
    expect(manifests.length).toBeGreaterThan(0);
    expect(manifests.filter((manifest) => manifest.private !== true).map((manifest) => manifest.name)).toEqual([]);
  });
});

it('the diagram knows every package', () => {
  expect(Object.keys(diagram).sort()).toEqual(packageNames);
});

describe.each(packageNames)('packages/%s', (name) => {
  const folder = join(root, 'packages', name);
  const manifest = readManifest(folder);
  const readme = () => readFileSync(join(folder, 'README.md'), 'utf8');
  const sources = filesBelow(join(folder, 'src')).filter((file) => file.endsWith('.ts'));
  const published = sources.filter((file) => !isTest(file)).flatMap(importsOf);
  const everything = [...sources, ...filesBelow(join(folder, 'examples')), ...filesBelow(join(folder, 'tests'))]
    .filter((file) => file.endsWith('.ts'))
    .flatMap(importsOf);
  const at = (file: string) => relative(folder, file).split(sep).join('/');

  it('is called what npm is to call it, and says what it is', () => {
    expect(manifest).toMatchObject({
      name: `@proj/${name}`,
      license: 'MIT',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=20.19' },
      publishConfig: { access: 'public' },
      files: expect.arrayContaining(['dist', 'src', '!src/**/*.test.ts']),
    });
    expect(manifest.private).toBeUndefined();
    expect(manifest.description).toMatch(/^[A-Z].{20,}\.$/);
  });

  it('exports its source to us, and ESM and CJS with types to everyone', () => {
    const { './package.json': own, ...entries } = manifest.exports ?? {};
    expect(own).toBe('./package.json');
    expect(Object.keys(entries)).toContain('.');
    for (const [entry, targets] of Object.entries(entries)) {
      const file = entry === '.' ? 'index' : entry.slice(2);
      expect(targets).toEqual({
        '@proj/source': `./src/${file}.ts`,
        import: { types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` },
        require: { types: `./dist/${file}.d.cts`, default: `./dist/${file}.cjs` },
      });
      expect(existsSync(join(folder, 'src', `${file}.ts`)), `src/${file}.ts`).toBe(true);
      expect(Object.keys(targets as object)[0]).toBe('@proj/source'); // the first that applies is taken
    }
  });

  it('has its papers: README, tsconfig, example and its test', () => {
    for (const file of ['README.md', 'tsconfig.json', 'examples/readme.ts']) {
      expect(existsSync(join(folder, file)), file).toBe(true);
    }
    expect(manifest.scripts).toMatchObject({ build: expect.any(String), types: expect.any(String) });
    expect(manifest.scripts?.test).toContain('tooling/vitest/vitest.config.ts');
  });

  it('has a README with install line, a snippet under 20 lines and its output', () => {
    const { code, output } = readmeSnippet(readme());
    expect(code).toBe(readFileSync(join(folder, 'examples', 'readme.ts'), 'utf8'));
    expect(code.trimEnd().split('\n').length).toBeLessThan(20);
    expect(output.trim()).not.toBe('');
    const installed = readmeInstall(readme()).map((spec) => spec.replace(/(?<=.)@.*$/, ''));
    const needed = Object.keys(manifest.peerDependencies ?? {}).filter(
      (peer) => !manifest.peerDependenciesMeta?.[peer]?.optional,
    );
    const brought = installed.includes('@tensorflow/tfjs') ? ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'] : [];
    expect([...installed, ...brought]).toEqual(expect.arrayContaining([`@proj/${name}`, ...needed]));
  });

  it('depends on our packages as the diagram allows, and on no others', () => {
    const declared = ownNames(manifest.dependencies);
    expect(diagram[name]!.own).toEqual(expect.arrayContaining(declared));
    for (const own of declared) expect(manifest.dependencies?.[`@proj/${own}`]).toBe('workspace:^');
    expect(ownNames({ ...manifest.peerDependencies, ...manifest.optionalDependencies })).toEqual([]);
  });

  it('takes TensorFlow.js as a peer only, native engines as optional ones', () => {
    const isTensorflow = (dependency: string) => dependency.startsWith('@tensorflow/');
    const peers = Object.keys(manifest.peerDependencies ?? {}).filter(isTensorflow);
    const allowed = diagram[name]!.tensorflow.map((part) => `@tensorflow/tfjs-${part}`);
    expect(Object.keys(manifest.dependencies ?? {}).filter(isTensorflow)).toEqual([]);
    expect(allowed).toEqual(expect.arrayContaining(peers));
    const native = peers.filter((peer) => /-(node|node-gpu|webgpu)$/.test(peer));
    expect(native.filter((peer) => !manifest.peerDependenciesMeta?.[peer]?.optional)).toEqual([]);
  });

  it('imports in published code just what it declares, and declares just what it imports', () => {
    const outside = published.filter(({ specifier }) => !isRelative(specifier) && !isBuiltin(specifier));
    const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
    const undeclared = outside.filter(({ specifier }) => !(packageOf(specifier) in declared));
    expect(undeclared.map(({ file, specifier }) => `${at(file)} imports ${specifier}`)).toEqual([]);
    const used = new Set(outside.map(({ specifier }) => packageOf(specifier)));
    expect(Object.keys(manifest.dependencies ?? {}).filter((dependency) => !used.has(dependency))).toEqual([]);
  });

  it('never chooses an engine: only apps, tests and bench import @proj/backend', () => {
    const importers = published.filter(({ specifier }) => packageOf(specifier) === '@proj/backend');
    expect(importers.map(({ file }) => at(file))).toEqual([]);
  });

  it('reaches other packages by name, never by path', () => {
    const leaving = everything.filter(({ file, specifier }) => {
      if (!isRelative(specifier)) return false;
      return relative(folder, resolve(dirname(file), specifier)).startsWith('..');
    });
    expect(leaving.map(({ file, specifier }) => `${at(file)} imports ${specifier}`)).toEqual([]);
  });

  it('has an index that names what it exports and holds no code', () => {
    const index = readFileSync(join(folder, 'src', 'index.ts'), 'utf8');
    expect(index).not.toMatch(/export \*/);
    const code = index.replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');
    const other = code
      .split(';')
      .filter((statement) => !/^\s*(export (type )?\{[^}]*\} from '[^']+')?\s*$/.test(statement));
    expect(other).toEqual([]);
  });
});
