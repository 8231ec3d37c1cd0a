import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runServer } from 'verdaccio';
import { run } from './process.ts';

type Configuration = Exclude<Parameters<typeof runServer>[0], string | undefined>;

/**
 * An npm registry on loopback that lives as long as this process at most.
 *
 * It holds `@proj/*` itself and never asks for them elsewhere; anything else comes from the registry this machine uses.
 */
export class Registry {
  private constructor(
    private readonly folder: string,
    readonly url: string,
    /** What npm and pnpm need to use this registry and no other, with a cache and settings of the test's own. */
    readonly env: Record<string, string>,
    private readonly server: Server,
  ) {}

  static async start(folder: string): Promise<Registry> {
    mkdirSync(join(folder, 'storage'), { recursive: true });
    const configuration = {
      configPath: join(folder, 'config.yaml'), // never written: what is relative is relative to it
      storage: join(folder, 'storage'),
      web: { enable: false },
      uplinks: { machine: await machineRegistry(folder) },
      packages: {
        '@proj/*': { access: ['$all'], publish: ['$all'] },
        '**': { access: ['$all'], proxy: ['machine'] },
      },
      max_body_size: '100mb',
      server: { keepAliveTimeout: 0 }, // a reused connection that is just being closed fails an install
      log: { type: 'file', path: join(folder, 'verdaccio.log'), level: 'warn' },
    };
    const server = (await runServer(configuration as unknown as Configuration)) as Server;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/`;
    const settings = join(folder, 'npmrc');
    // npm refuses to publish without a token; the registry lets anyone.
    writeFileSync(settings, `registry=${url}\n//127.0.0.1:${port}/:_authToken=nobody\n`);
    const env = {
      npm_config_userconfig: settings,
      npm_config_globalconfig: join(folder, 'no-global-npmrc'),
      npm_config_registry: url,
      npm_config_cache: join(folder, 'npm-cache'),
      npm_config_update_notifier: 'false',
      NO_PROXY: '127.0.0.1',
      no_proxy: '127.0.0.1',
    };
    return new Registry(folder, url, env, server);
  }

  /** The tarball as a user gets it. */
  async tarball(name: string, version: string): Promise<ArrayBuffer> {
    const [, short] = name.split('/');
    const response = await fetch(`${this.url}${name}/-/${short}-${version}.tgz`);
    if (!response.ok) throw new Error(`${name}@${version}: the registry answered ${response.status}.`);
    return response.arrayBuffer();
  }

  /** Saves the tarball and returns the path. */
  async save(name: string, version: string): Promise<string> {
    const path = join(this.folder, `${name.replace('/', '-')}-${version}.tgz`);
    writeFileSync(path, new Uint8Array(await this.tarball(name, version)));
    return path;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** The registry, certificates and proxy that npm uses on this machine. */
async function machineRegistry(cwd: string): Promise<Record<string, unknown>> {
  const get = async (key: string) => {
    const value = (await run('npm', ['config', 'get', key], { cwd })).trim();
    return ['', 'null', 'undefined'].includes(value) ? undefined : value;
  };
  const url = (await get('registry')) ?? 'https://registry.npmjs.org/';
  const cafile = await get('cafile');
  const proxy = await get(url.startsWith('https:') ? 'https-proxy' : 'proxy');
  return {
    url,
    timeout: '120s',
    maxage: '60m', // ask once a run
    max_fails: 100, // one hiccup must not cut the rest off
    ...(cafile ? { ca: readFileSync(cafile, 'utf8') } : {}),
    ...(proxy ? { http_proxy: proxy, https_proxy: proxy } : {}),
  };
}
