import { digits, readPng, splitIndices, tileGrid, writePng } from '@proj/io';

const { images, labels } = digits({ count: 100, seed: 5, size: 16 });
const { train, validation } = splitIndices(100);
console.log(`${train.length} to train, ${validation.length} to validate, the first is ${labels.data[0]}`);

const png = writePng(tileGrid(images, { columns: 20, gap: 0 })); // bytes of a picture, ready for a file
const { data, shape } = readPng(png);
console.log(`a picture of ${shape.join(' x ')}, its corner:`);
for (let y = 2; y < 14; y++) {
  let row = '';
  for (let x = 0; x < 16; x++) row += ' .*#'[(data[y * shape[1] + x] ?? 0) >> 6];
  console.log(row.trimEnd());
}
