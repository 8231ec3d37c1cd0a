import { expect, it } from 'vitest';
import { cora, plantedCora } from './cora.ts';

it.each([
  ['planted', plantedCora],
  ['here', cora],
])('the %s Cora has its size', async (_, make) => {
  const { nodes, featureCount, edges, features } = await make();
  expect([nodes, featureCount, edges.length / 2]).toEqual([2708, 1433, 4488]);
  expect([features.indptr.length, features.indices.length, features.indptr[2708]]).toEqual([2709, 49_216, 49_216]);
  const pairs = Array.from({ length: 4488 }, (_, e) => [edges[2 * e]!, edges[2 * e + 1]!].sort((a, b) => a - b).join());
  expect(new Set(pairs).size).toBe(4488);
});
