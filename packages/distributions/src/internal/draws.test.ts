import { expect, it } from 'vitest';
import { fill } from './draws.ts';
import { exponentialFromWord, gumbelFromWord, logisticFromWord, normalFromWord, uniformFromWord } from './from-word.ts';
import { BITS, EXPONENTIAL, GUMBEL, LOGISTIC, NORMAL, UNIFORM, wasm } from './wasm.ts';

const kinds = [
  { name: 'bits', kind: BITS, fromWord: undefined },
  { name: 'uniform', kind: UNIFORM, fromWord: uniformFromWord },
  { name: 'normal', kind: NORMAL, fromWord: normalFromWord },
  { name: 'exponential', kind: EXPONENTIAL, fromWord: exponentialFromWord },
  { name: 'gumbel', kind: GUMBEL, fromWord: gumbelFromWord },
  { name: 'logistic', kind: LOGISTIC, fromWord: logisticFromWord },
];
// One batch in WASM is 8192 words; a vector holds 8 of them.
const counts = [0, 1, 2, 3, 7, 8, 9, 8191, 8192, 8193, 20_001];
const seeds = [0, 1, 77, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];

it.each(kinds)('$name: WASM and JavaScript draw the same bits, and nothing beyond the array', ({ kind, fromWord }) => {
  const compiled = wasm();
  expect(compiled).not.toBeNull();
  for (const seed of seeds) {
    for (const count of counts) {
      const [fast, slow] = [compiled, null].map((how) => {
        const words = new Uint32Array(count + 8).fill(0xdeadbeef);
        const out = fromWord ? new Float32Array(words.buffer, 0, count) : words.subarray(0, count);
        fill(out, seed, 3 << 24, kind, fromWord, how);
        return words;
      });
      expect(fast!.subarray(count)).toEqual(new Uint32Array(8).fill(0xdeadbeef));
      const differs = fast!.findIndex((word, i) => word !== slow![i]);
      expect(differs, `count ${count}, seed ${seed}`).toBe(-1);
    }
  }
});
