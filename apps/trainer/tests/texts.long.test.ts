import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WordVocabulary } from '@proj/io';
import { loadTexts } from '@proj/io/node';
import { expect, it } from 'vitest';
import { run } from '../src/cli.ts';
import { fakeIo } from './fake-io.ts';

const LENGTH = 200;

/** Ids of a text's tokens, cut to those of a row, with the stop where it fits. */
const tokensOf = (vocabulary: WordVocabulary, text: string) => [...vocabulary.encode(text), 0].slice(0, LENGTH + 1);

/**
 * Nats a token of held-out texts under a table of the counts of the training texts, (count + k) / (sum + k V), with the k that suits the
 * held-out texts themselves best, of powers of ten. `context` names the row of a token's table.
 */
function tableNats(
  train: readonly number[][],
  test: readonly number[][],
  classes: number,
  context: (before: number) => number,
): number {
  const counts = new Map<number, Map<number, number>>();
  for (const text of train) {
    text.slice(1).forEach((id, i) => {
      const row = counts.get(context(text[i]!)) ?? new Map<number, number>();
      counts.set(context(text[i]!), row.set(id, (row.get(id) ?? 0) + 1));
    });
  }
  const sums = new Map([...counts].map(([key, row]) => [key, [...row.values()].reduce((a, b) => a + b)]));
  const nats = (k: number) => {
    let [sum, tokens] = [0, 0];
    for (const text of test) {
      text.slice(1).forEach((id, i) => {
        const key = context(text[i]!);
        sum -= Math.log(((counts.get(key)?.get(id) ?? 0) + k) / ((sums.get(key) ?? 0) + k * classes));
        tokens += 1;
      });
    }
    return sum / tokens;
  };
  return Math.min(...[1, 0.1, 0.01, 0.001, 1e-4].map(nats));
}

// systems.md 3.7. Unigrams have 5.00 nats a token, bigrams 1.90. The tables see the same tokens: words after the first, [UNK], the stop.
it('beats the unigram and the add-k bigram tables on held-out recipes of the grammar', async () => {
  const { train, test } = await loadTexts('recipe-grammar');
  const vocabulary = WordVocabulary.fromTexts(train);
  const [seen, held] = [train, test].map((texts) => texts.map((text) => tokensOf(vocabulary, text))) as [
    number[][],
    number[][],
  ];
  const unigram = tableNats(seen, held, vocabulary.size, () => 0);
  const bigram = tableNats(seen, held, vocabulary.size, (before) => before);
  expect(bigram).toBeLessThan(0.6 * unigram);
  const folder = mkdtempSync(join(tmpdir(), 'proj-texts-long-'));
  try {
    const { io, lastJson } = fakeIo();
    const model = ['--set', 'embedding=32', '--set', 'units=64', '--set', `length=${LENGTH}`];
    const options = ['--epochs', '4', '--batch', '16', '--learning-rate', '0.005', '--engine', 'wasm', '--json'];
    expect(await run(io, ['train', 'lstm', ...options, ...model, '--out', join(folder, 'run')])).toBe(0);
    const { nll } = lastJson().metrics as { nll: number };
    expect(nll).toBeLessThan(bigram - 0.1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
