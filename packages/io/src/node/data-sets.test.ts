import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dataSets } from './data-sets.ts';
import { findDataSet, userCacheDir } from './find.ts';

it('every set can be had: made here, downloaded and checked, or supplied', () => {
  expect(dataSets.map(({ name }) => name)).toEqual([
    ...[
      'digits',
      'gaussian-clusters',
      'random-codepoints',
      'recipe-grammar',
      'generated-words',
      'planted-topics',
      'mnist',
      'fashion-mnist',
      'cifar10',
    ],
    ...['recipes', 'names', 'planted-graph', 'cora', 'shakespeare'],
  ]);
  for (const { name, embedded, official, supply } of dataSets) {
    expect([name, embedded, official !== undefined]).toEqual([name, embedded, !embedded]);
    for (const file of official?.files ?? []) {
      const checked = file.bytes !== undefined && (file.sha256 !== undefined || file.md5 !== undefined);
      expect([file.name, file.urls?.every((url) => URL.canParse(url)) ?? false]).toEqual([file.name, checked]);
      expect([file.name, checked || supply?.includes(file.name)]).toEqual([file.name, true]);
    }
  }
  const sums = dataSets
    .flatMap((set) => [set.official, ...(set.others ?? [])])
    .flatMap((edition) => edition?.files ?? []);
  for (const { sha256 = '0'.repeat(64), md5 = '0'.repeat(32) } of sums) {
    expect(`${sha256} ${md5}`).toMatch(/^[0-9a-f]{64} [0-9a-f]{32}$/);
  }
});

it('caches where the system keeps caches', () => {
  expect(userCacheDir({ XDG_CACHE_HOME: '/x' }, 'linux')).toBe(join('/x', 'proj'));
  expect(userCacheDir({}, 'linux')).toMatch(/[\\/]\.cache[\\/]proj$/);
  expect(userCacheDir({}, 'darwin')).toMatch(/Library[\\/]Caches[\\/]proj$/);
  expect(userCacheDir({ LOCALAPPDATA: 'L' }, 'win32')).toBe(join('L', 'proj', 'Cache'));
});

it.each([
  ['minst', 'mnist'],
  ['MNIST', 'mnist'],
  ['fashionmnist', 'fashion-mnist'],
  ['cifar-10', 'cifar10'],
  ['digit', 'digits'],
])('asked for %s, it guesses %s', (typed, expected) => {
  expect(() => findDataSet(typed)).toThrow(`unknown data set "${typed}". Did you mean ${expected}?`);
});
