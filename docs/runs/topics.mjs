// How well the topics of finished tgvae runs go together, beside words picked at random; on planted-topics also how well they were found, and
// what is written about each. From the root, after the runs and their build:
//   node docs/runs/topics.mjs RUN...
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { plantedTopics, readSafetensors, splitWords, WordVocabulary } from '../../packages/io/dist/index.js';
import { loadTexts } from '../../packages/io/dist/node.js';
import { npmi } from '../../packages/models/dist/index.js';

const DRAWS = 100; // documents under each topic
const planted = plantedTopics({ count: 0, seed: 0 }).topics;
const sum = (values) => values.reduce((total, x) => total + x, 0);
const mean = (values) => sum(values) / values.length;
const cosine = (x, y) =>
  sum(x.map((v, i) => v * y[i])) / Math.sqrt(sum(x.map((v) => v * v)) * sum(y.map((v) => v * v)));

for (const run of process.argv.slice(2)) {
  const config = JSON.parse(readFileSync(`${run}/config.json`, 'utf8'));
  const { train } = await loadTexts(config.data);
  const vocabulary = WordVocabulary.fromJSON(JSON.parse(readFileSync(`${run}/vocabulary.json`, 'utf8')), run);
  const words = JSON.parse(readFileSync(`${run}/topic-words.json`, 'utf8'));
  const { tensors } = readSafetensors(readFileSync(`${run}/checkpoints/best/checkpoint.safetensors`));
  const { data, shape } = Object.entries(tensors).find(([name]) => name.endsWith('topics/words'))[1];
  const beta = Array.from({ length: shape[0] }, (_, i) => {
    const logits = [...data.subarray(i * shape[1], (i + 1) * shape[1])];
    const weights = logits.map((x) => Math.exp(x - Math.max(...logits)));
    return weights.map((x) => x / sum(weights));
  });

  const documents = train.map((text) => vocabulary.encode(text));
  const ids = words.map((word) => vocabulary.words.indexOf(word));
  const best10 = beta.map((row) =>
    [...row.keys()]
      .sort((a, b) => row[b] - row[a])
      .slice(0, 10)
      .map((d) => ids[d]),
  );
  const any = beta.map((_, i) => Array.from({ length: 10 }, (_, k) => ids[((i * 10 + k) * 37) % ids.length]));
  console.log(
    `\n${run}: npmi ${mean(npmi(best10, documents)).toFixed(3)}, of as many words picked without regard to topics ${mean(npmi(any, documents)).toFixed(3)}`,
  );
  if (config.data !== 'planted-topics') continue;

  const counts = new Map(words.map((word) => [word, 0]));
  for (const word of train.flatMap(splitWords)) if (counts.has(word)) counts.set(word, counts.get(word) + 1);
  const cosines = planted.map((own) => {
    const truth = words.map((word) => (own.includes(word) ? counts.get(word) : 0));
    return beta.map((row) => cosine(row, truth));
  });
  const matched = cosines.map((row) => row.indexOf(Math.max(...row)));
  console.log(`${new Set(matched).size} of ${planted.length} planted topics have a topic of their own`);
  console.log(
    '| planted | topic | cosine | its words in 100 documents | most of another | ratio |\n| --- | --- | --- | --- | --- | --- |',
  );
  const ratios = planted.map((own, i) => {
    const argv = ['run', '-s', 'trainer', '--', 'sample', run, '--topic', matched[i], '--count', DRAWS, '--json'];
    const { samples } = JSON.parse(execFileSync('npm', argv.map(String), { encoding: 'utf8' }));
    const all = samples.flatMap(splitWords);
    const found = planted.map((set) => all.filter((word) => set.includes(word)).length);
    const other = Math.max(...found.filter((_, k) => k !== i));
    console.log(
      `| ${own.slice(0, 3).join(', ')} | ${matched[i]} | ${cosines[i][matched[i]].toFixed(3)} | ${found[i]} | ${other} | ${(found[i] / other).toFixed(1)} |`,
    );
    return found[i] / other;
  });
  const best = cosines.map((row) => Math.max(...row));
  console.log(
    `cosine ${mean(best).toFixed(3)}, at least ${Math.min(...best).toFixed(3)}; ratio at least ${Math.min(...ratios).toFixed(1)}; ${vocabulary.size} words`,
  );
}
