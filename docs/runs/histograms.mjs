// Baselines of pixelcnn-pp: histograms of bytes, fitted on the training images of a set and scored on its test images, in bits a
// dimension. Images and parts are the trainer's. From the root, after any `npm run -s trainer`:
//   PROJ_DATA_DIR=... node docs/runs/histograms.mjs fashion-mnist cifar10 [--pseudo 1]
import { parseArgs } from 'node:util';
import { loadImages } from '../../packages/io/dist/node.js';

const LEVELS = 256;

/** Cross-entropy of a table of counts, a row for each context, every cell beginning at `pseudo`. */
function score(train, test, contexts, contextOf, pseudo) {
  const counts = new Float64Array(contexts * LEVELS).fill(pseudo);
  const totals = new Float64Array(contexts).fill(pseudo * LEVELS);
  train.forEach((level, i) => {
    const context = contextOf(i);
    counts[context * LEVELS + level]++;
    totals[context]++;
  });
  let bits = 0;
  test.forEach((level, i) => {
    const context = contextOf(i);
    bits -= Math.log2(counts[context * LEVELS + level] / totals[context]);
  });
  return bits / test.length;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { pseudo: { type: 'string', default: '1' } },
});
if (positionals.length === 0) {
  console.error('histograms.mjs: name one or more sets of images, such as fashion-mnist or cifar10.');
  process.exit(2);
}
for (const name of positionals) {
  const { train, test, height, width, channels } = await loadImages(name);
  const size = height * width * channels;
  console.log(`${name}: ${train.count} training images, ${test.count} test images of ${height}x${width}x${channels}`);
  const show = (what, contexts, contextOf) => {
    const bits = score(train.images, test.images, contexts, contextOf, Number(values.pseudo));
    console.log(`  ${bits.toFixed(4)} bits/dim  ${what}`);
  };
  show('one histogram', 1, () => 0);
  if (channels > 1) show('a histogram for each channel', channels, (i) => i % channels);
  show('a histogram for each position', size, (i) => i % size);
}
