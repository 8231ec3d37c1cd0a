import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageNames, readManifest, root } from './paths.ts';
import { run } from './process.ts';

/**
 * A copy of the working tree to version, build and publish from; the tree itself is only read.
 *
 * Copied are the files git tracks or would track. The dependencies stay where they are: pnpm's links between workspace
 * packages are relative, so in the copy they lead to the copy.
 */
export class Workspace {
  private constructor(
    readonly folder: string,
    private readonly env: Record<string, string>,
  ) {}

  static async copyTo(folder: string, env: Record<string, string>): Promise<Workspace> {
    const listed = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
    for (const file of listed.split('\0')) {
      if (file === '' || !existsSync(join(root, file))) continue;
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      cpSync(join(root, file), join(folder, file));
    }
    const modules = join(folder, 'node_modules');
    mkdirSync(modules);
    for (const entry of readdirSync(join(root, 'node_modules'))) {
      symlinkSync(join(root, 'node_modules', entry), join(modules, entry));
    }
    for (const name of packageNames) {
      const own = join('packages', name, 'node_modules');
      if (existsSync(join(root, own)))
        cpSync(join(root, own), join(folder, own), { recursive: true, verbatimSymlinks: true });
    }
    const pnpm = readManifest(root).packageManager!.replace(/^pnpm@([^+]+).*$/, '$1');
    const path = [
      join(modules, '.bin'),
      join(root, '.cache', `pnpm-${pnpm}`, 'node_modules', '.bin'),
      process.env.PATH,
    ];
    return new Workspace(folder, { ...env, PATH: path.join(':') });
  }

  manifest(name: string) {
    return readManifest(join(this.folder, 'packages', name));
  }

  run(program: string, ...args: string[]): Promise<string> {
    return run(program, args, { cwd: this.folder, env: this.env, timeout: 400_000 });
  }

  /** Versions what the pending changesets ask for, and one of our own: there is always something to release. */
  async version(): Promise<void> {
    writeFileSync(
      join(this.folder, '.changeset', 'e2e.md'),
      `---\n"@proj/${packageNames[0]}": patch\n---\n\nTried out.\n`,
    );
    await this.run('changeset', 'version');
  }

  build(): Promise<string> {
    return this.run('pnpm', '--recursive', '--workspace-concurrency=2', '--filter', './packages/*', 'run', 'build');
  }

  /** `changeset publish` tags what it published, so the copy becomes a repository of its own. */
  async publish(): Promise<string> {
    const git = (...args: string[]) =>
      this.run('git', '-c', 'user.name=e2e', '-c', 'user.email=e2e@localhost', ...args);
    await git('init', '--quiet');
    await git('commit', '--quiet', '--allow-empty', '--message=release');
    return this.run('changeset', 'publish');
  }
}
