import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';

// tfjs keeps its engine, kernels and gradients in registries of one copy each: a second copy would know none of them.
const tfjs = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-cpu'];

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  base: './', // the folder works from any address
  resolve: {
    // Our own packages are read from their sources, so the page is never older than they are.
    conditions: ['@proj/source', ...defaultClientConditions],
    dedupe: [...tfjs, '@tensorflow/tfjs-backend-wasm'],
  },
  worker: { format: 'es' },
  assetsInclude: ['**/*.safetensors'],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: { input: [page('index.html'), page('tokun.html')] },
  },
});
