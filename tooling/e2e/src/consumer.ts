import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';
import { run, runAloud } from './process.ts';

const strict = {
  strict: true,
  skipDefaultLibCheck: true,
  target: 'ES2022',
  lib: ['ES2022', 'DOM'],
  types: [] as string[],
};

/** An empty folder that installs from the registry, as a user would, and a program in it. */
export class Consumer {
  constructor(
    readonly folder: string,
    private readonly env: Record<string, string>,
  ) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  }

  install(specs: string[]): Promise<string> {
    const quick = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'];
    return run('npm', ['install', ...quick, ...specs], { cwd: this.folder, env: this.env, timeout: 300_000 });
  }

  /** Installs as a user's own npm or pnpm does, scripts included, and returns the lines that are complaints of whatever kind. */
  async complaints(program: 'npm' | 'pnpm', specs: string[]): Promise<string[]> {
    const args = program === 'npm' ? ['install', '--no-audit', '--no-fund', ...specs] : ['add', ...specs];
    const options = { cwd: this.folder, env: { ...this.env, npm_config_loglevel: 'warn' }, timeout: 300_000 };
    const { stdout, stderr } = await runAloud(program, args, options);
    return `${stdout}\n${stderr}`
      .split('\n')
      .filter((line) => /warn|error|peer|missing|ignored|deprecated|script/i.test(line));
  }

  /** Names in `node_modules/SCOPE`. */
  installed(scope: string): string[] {
    return readdirSync(join(this.folder, 'node_modules', scope)).sort();
  }

  /** Compiles the program with tsc for Node, to ESM and to CJS; the types of both are checked. */
  async compileForNode(name: string, source: string): Promise<void> {
    await this.tsc(
      `${name}.node`,
      { [`${name}.mts`]: source, [`${name}.cts`]: source },
      { module: 'node16', outDir: '.' },
    );
  }

  /** Checks the program's types as a bundler's user does. */
  async checkForBundler(name: string, source: string): Promise<void> {
    const options = { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true, noEmit: true };
    await this.tsc(`${name}.bundler`, { [`${name}.ts`]: source }, options);
  }

  /** Runs what `compileForNode` made, and returns its stdout. */
  node(...args: string[]): Promise<string> {
    return run(process.execPath, args, { cwd: this.folder });
  }

  /** Runs a program and returns everything it said, stderr included. */
  async aloud(...args: string[]): Promise<string> {
    const { stdout, stderr } = await runAloud(process.execPath, args, { cwd: this.folder });
    return stdout + stderr;
  }

  /** Builds a page that runs the program, with the consumer's own Vite, and returns the folder. */
  async buildPage(name: string, source: string): Promise<string> {
    writeFileSync(join(this.folder, `${name}.ts`), source);
    const html = `<!doctype html>\n<title>${name}</title>\n<script type="module" src="/${name}.ts"></script>\n`;
    writeFileSync(join(this.folder, 'index.html'), html);
    await this.node(join('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn');
    return join(this.folder, 'dist');
  }

  private async tsc(project: string, files: Record<string, string>, options: object): Promise<void> {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(this.folder, file), text);
    const config = { compilerOptions: { ...strict, ...options }, files: Object.keys(files) };
    const path = join(this.folder, `tsconfig.${project}.json`);
    writeFileSync(path, JSON.stringify(config));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    try {
      await run(process.execPath, [tsc, '--project', path, '--pretty', 'false'], { cwd: this.folder });
    } catch (error) {
      if (!onlyTensorflowErrors((error as Error).message)) throw error;
    }
  }
}

/** The declarations of tfjs 4.22 do not stand up to tsc (it knows no Long); everyone else's have to, ours first of all. */
function onlyTensorflowErrors(output: string): boolean {
  const errors = output.split('\n').filter((line) => line.includes('error TS'));
  return errors.length > 0 && errors.every((line) => line.startsWith('node_modules/@tensorflow/'));
}
