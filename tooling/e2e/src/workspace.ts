import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { packageNames, readManifest, root, treeFiles } from './paths.ts';
import { run } from './process.ts';

/** Commits and tags work on a machine where git was never set up, and are not signed where it was. */
const gitIdentity = {
  GIT_CONFIG_GLOBAL: devNull,
  GIT_AUTHOR_NAME: 'e2e',
  GIT_AUTHOR_EMAIL: 'e2e@localhost',
  GIT_COMMITTER_NAME: 'e2e',
  GIT_COMMITTER_EMAIL: 'e2e@localhost',
};

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

  static copyTo(folder: string, env: Record<string, string>): Workspace {
    for (const file of treeFiles()) {
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
    const bins = [
      dirname(process.execPath),
      join(modules, '.bin'),
      join(root, '.cache', `pnpm-${pnpm}`, 'node_modules', '.bin'),
    ];
    return new Workspace(folder, { ...env, ...gitIdentity, PATH: [...bins, process.env.PATH].join(delimiter) });
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
    await this.run('git', 'init', '--quiet');
    await this.run('git', 'commit', '--quiet', '--allow-empty', '--message=release');
    return this.run('changeset', 'publish');
  }
}
