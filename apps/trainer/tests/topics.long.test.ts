import { useEngine } from '@proj/backend';
import { uniform } from '@proj/distributions/random';
import { plantedTopics, WordVocabulary } from '@proj/io';
import { bagsOfWords, type Documents, npmi, TopicGuidedVae, topicWordIds, topWords } from '@proj/models';
import { type Dataset, fit } from '@proj/training';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

const TOPICS = 4;
const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

// systems.md 9.5, its last line, for four topics; docs/runs/topics.md has the figures of ten.
it('finds planted topics and writes about the one it is told to', async () => {
  await useEngine('wasm');
  const planted = plantedTopics({ count: 1000, seed: 3, topics: TOPICS });
  const vocabulary = WordVocabulary.fromTexts(planted.documents);
  const documents = planted.documents.map((text) => vocabulary.encode(text));
  const ids = topicWordIds(documents, vocabulary.words);
  const model = new TopicGuidedVae({
    ...{ vocabulary: vocabulary.size, topicWords: ids.length, topics: TOPICS },
    ...{ units: 64, topicUnits: 64, embedding: 64, latent: 16, warmup: 2000 },
  });
  // How often each planted topic's words stand in the corpus: what the model's probabilities should be in proportion to.
  const counts = bagsOfWords([documents.flatMap((words) => [...words])], ids);
  const truth = planted.topics.map((words) =>
    Array.from(ids, (id, d) => (words.includes(vocabulary.words[id]!) ? counts[d]! : 0)),
  );
  const recovered = async () => {
    const beta = model.topics();
    const rows = await beta.array();
    beta.dispose();
    const cosines = truth.map((words) => rows.map((row) => cosine(row, words)));
    const matched = cosines.map((row) => row.indexOf(Math.max(...row)));
    return { rows, matched, best: cosines.map((row) => Math.max(...row)) };
  };
  model.startFromBags(bagsOfWords(documents, ids));
  const start = await recovered();
  await fit(model, dataset(documents, ids), { epochs: 20, batchSize: 32, seed: 0, learningRate: 5e-3 });
  const { rows, matched, best } = await recovered();
  expect(new Set(matched).size).toBe(TOPICS); // one for each
  expect(Math.min(...best)).toBeGreaterThan(0.9);
  expect(mean(best)).toBeGreaterThan(mean(start.best) + 0.005); // the clusters are a start, and training makes topics of them

  const named = topWords(rows.flat(), TOPICS, 10).map((list) => list.map((d) => ids[d]!));
  const anyWords = Array.from({ length: TOPICS }, (_, i) =>
    [...uniform(10, i)].map((u) => ids[Math.floor(u * ids.length)]!),
  );
  const coherence = npmi(named, documents);
  expect(mean(coherence)).toBeGreaterThan(0.3); // 1 would be words that are always together
  expect(mean(npmi(anyWords, documents))).toBeLessThan(0);
  expect(Math.min(...coherence)).toBeGreaterThan(Math.max(...npmi(anyWords, documents)));

  for (const [i, words] of planted.topics.entries()) {
    const written = await model.sample(40, i, { topic: matched[i]!, maxTokens: 40, ban: [1] });
    const all = written.flatMap((document) => Array.from(document, (id) => vocabulary.words[id]!));
    const own = all.filter((word) => words.includes(word)).length;
    const others = planted.topics.map((other) => all.filter((word) => other.includes(word)).length);
    others[i] = 0;
    expect(own, `topic ${i}`).toBeGreaterThanOrEqual(2 * Math.max(...others));
    expect(own).toBeGreaterThan(40); // a word or more a document
  }
  model.dispose();
}, 600_000);

function dataset(documents: readonly Int32Array[], ids: Int32Array): Dataset<Documents> {
  return {
    size: documents.length,
    batch(indices) {
      const chosen = Array.from(indices, (i) => documents[i]!);
      const columns = 1 + Math.max(...chosen.map(({ length }) => length));
      const rows = new Int32Array(chosen.length * columns);
      for (const [b, words] of chosen.entries()) rows.set(words, b * columns);
      return {
        words: tf.tensor2d(rows, [chosen.length, columns], 'int32'),
        bag: tf.tensor2d(bagsOfWords(chosen, ids), [chosen.length, ids.length]),
      };
    },
  };
}

function cosine(x: readonly number[], y: readonly number[]): number {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}
