import { execFileSync } from 'node:child_process';
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
  const options = ['--emit', 'none', '--treatWarningsAsErrors', '--logLevel', 'Verbose'];
  // Throws, with what typedoc says, on any warning.
  const said = execFileSync(process.execPath, ['node_modules/typedoc/bin/typedoc', ...options], { encoding: 'utf8' });
  expect(said).toContain(`${reference.entryPoints.length} entry points`);
}, 60_000);
