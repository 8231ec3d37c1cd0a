import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import reference from '../typedoc.json' with { type: 'json' };

it('the reference has every entry of the package', () => {
  const sources = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [] : [target['@proj/source'].replace('./', '')],
  );
  expect([...reference.entryPoints].sort()).toEqual(sources.sort());
});

it('everything exported has a docstring, and no link in the reference is broken', () => {
  const program = ['node_modules/typedoc/bin/typedoc', '--emit', 'none', '--treatWarningsAsErrors'];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, { encoding: 'utf8' });
  expect(stdout + stderr).toBe('');
  expect(status).toBe(0);
}, 60_000);
