type Require = ReturnType<typeof import('node:module').createRequire>;

/** True in Node, false in a browser or a worker of one. */
export function isNode(): boolean {
  return typeof process === 'object' && typeof process.versions?.node === 'string';
}

/** A module of Node itself, without an import that a bundler for the browser would follow. */
export function builtin<T>(name: string): T {
  return process.getBuiltinModule(name as 'node:util') as T;
}

/** `require` as seen from this package; in Node only. */
export function nodeRequire(): Require {
  const here = typeof __filename === 'string' ? __filename : import.meta.url;
  return builtin<typeof import('node:module')>('node:module').createRequire(here);
}

/** The real folder of an installed package, or null. In Node only. */
export function packageFolder(packageName: string): string | null {
  try {
    return nodeRequire().resolve(`${packageName}/package.json`).slice(0, -'/package.json'.length);
  } catch {
    return null;
  }
}

/** The version of an installed package, or null; reads its package.json and runs nothing of it. In Node only. */
export function installedVersion(packageName: string): string | null {
  const { readFileSync } = builtin<typeof import('node:fs')>('node:fs');
  try {
    const manifest = JSON.parse(readFileSync(`${packageFolder(packageName)}/package.json`, 'utf8')) as {
      version?: string;
    };
    return manifest.version ?? null;
  } catch {
    return null; // never installed, or taken away since it was resolved, which Node remembers
  }
}
