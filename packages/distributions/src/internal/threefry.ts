/**
 * Threefry-2x32 with 20 rounds: a counter-based generator, so word i of a stream costs the same wherever one starts.
 * Source: Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3" (Random123).
 *
 * Writes blocks 0, 1, 2, ... of the stream into `out`, two words a block; an odd last word is the block's first half.
 * The counter is (block, stream), the key (key0, key1), all taken modulo 2^32.
 */
export function threefry(out: Uint32Array, key0: number, key1: number, stream: number, firstBlock = 0): void {
  const a = key0 | 0;
  const b = key1 | 0;
  const keys = [a, b, a ^ b ^ 0x1bd11bda];
  const last = out.length - 1;
  for (let i = 0; i <= last; i += 2) {
    let x = (firstBlock + (i >>> 1) + a) | 0;
    let y = (stream + b) | 0;
    for (let group = 1; group <= 5; group++) {
      for (const turn of ROTATIONS[group & 1]!) {
        x = (x + y) | 0;
        y = ((y << turn) | (y >>> (32 - turn))) ^ x;
      }
      // After four rounds the next two key words and a counter go in.
      x = (x + keys[group % 3]!) | 0;
      y = (y + keys[(group + 1) % 3]! + group) | 0;
    }
    out[i] = x;
    if (i < last) out[i + 1] = y;
  }
}

const ROTATIONS = [
  [17, 29, 16, 24],
  [13, 15, 26, 6],
];
