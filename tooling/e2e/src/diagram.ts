/** What each package may use, as the diagram in CONTRIBUTING.md draws it: our own packages, and TensorFlow.js as a peer. */
export const diagram: Record<string, { own: readonly string[]; tensorflow: readonly string[] }> = {
  backend: { own: [], tensorflow: ['core', 'backend-cpu', 'backend-wasm', 'backend-webgpu', 'node', 'node-gpu'] },
  io: { own: [], tensorflow: [] },
  distributions: { own: [], tensorflow: ['core'] },
  layers: { own: ['distributions'], tensorflow: ['core', 'layers'] },
  training: { own: ['distributions'], tensorflow: ['core'] },
  models: { own: ['distributions', 'layers'], tensorflow: ['core', 'layers'] },
  tokun: { own: ['layers', 'io'], tensorflow: ['core', 'layers'] },
};

/** Names of packages of ours among the keys of a `dependencies` table, without the scope. */
export const ownNames = (dependencies: Record<string, string> = {}) =>
  Object.keys(dependencies)
    .filter((name) => name.startsWith('@proj/'))
    .map((name) => name.slice('@proj/'.length))
    .sort();
