// Data movement. Strides and blocks are bytes and may be 0 or negative; a range of the outermost axis is its addresses moved on.

import { transposeMatrix } from './transpose';

/** From here on the engine's own copy is faster than a loop: it is a call out of WASM. */
const LONG: i32 = 512;

// @ts-ignore
@inline
export function copyBlock(src: usize, dst: usize, bytes: i32): void {
  if (bytes >= LONG) memory.copy(dst, src, bytes);
  else if (bytes >= 16) {
    const last = <usize>(bytes - 16);
    for (let i: usize = 0; i < last; i += 16) v128.store(dst + i, v128.load(src + i));
    v128.store(dst + last, v128.load(src + last)); // the end, some of it again
  } else if (bytes >= 8) {
    const last = <usize>(bytes - 8);
    const end = load<u64>(src + last);
    store<u64>(dst, load<u64>(src));
    store<u64>(dst + last, end);
  } else if (bytes >= 4) {
    const last = <usize>(bytes - 4);
    const end = load<u32>(src + last);
    store<u32>(dst, load<u32>(src));
    store<u32>(dst + last, end);
  } else {
    for (let i = 0; i < bytes; i++) store<u8>(dst + i, load<u8>(src + i));
  }
}

/** n words, their bits given. */
export function fillWords(dst: usize, n: i32, bits: i32): void {
  const value = i32x4.splat(bits);
  const end = dst + (<usize>n << 2);
  for (; dst + 16 <= end; dst += 16) v128.store(dst, value);
  for (; dst < end; dst += 4) store<i32>(dst, bits);
}

/** The same run of elements n times, `stride` bytes apart; `value` is the bits of a word or, of one byte, the byte. */
export function fillRuns(dst: usize, n: i32, stride: i32, elements: i32, value: i32, bytes: i32): void {
  for (let i = 0; i < n; i++) {
    if (bytes == 1 || (value == 0 && elements > 128)) memory.fill(dst, <u8>value, elements * bytes);
    else if (elements < 8) for (let k = 0; k < elements; k++) store<i32>(dst + (<usize>k << 2), value);
    else fillWords(dst, elements, value);
    dst += stride;
  }
}

export function copyBytes(src: usize, dst: usize, n: i32): void {
  memory.copy(dst, src, n);
}

export function moveWords(src: usize, dst: usize, n: i32, s: i32, d: i32): void {
  let i = 0;
  if (d == 4 && s == 0) return fillWords(dst, n, load<i32>(src));
  if (d == 4 && s == -4) {
    for (; i + 4 <= n; i += 4) {
      const v = v128.load(src - 12);
      v128.store(dst, v128.shuffle<i32>(v, v, 3, 2, 1, 0));
      src -= 16;
      dst += 16;
    }
  } else if (d == 4) {
    for (; i + 4 <= n; i += 4) {
      let v = v128.load32_zero(src);
      v = v128.load_lane<i32>(src + s, v, 1);
      v = v128.load_lane<i32>(src + 2 * s, v, 2);
      v128.store(dst, v128.load_lane<i32>(src + 3 * s, v, 3));
      src += 4 * s;
      dst += 16;
    }
  }
  for (; i < n; i++) {
    store<u32>(dst, load<u32>(src));
    src += s;
    dst += d;
  }
}

function moveRow(src: usize, dst: usize, block: i32, n: i32, s: i32, d: i32): void {
  if (block == 4) return moveWords(src, dst, n, s, d);
  if (block == 1) {
    if (s == 0 && d == 1) return memory.fill(dst, load<u8>(src), n);
    for (let i = 0; i < n; i++) {
      store<u8>(dst, load<u8>(src));
      src += s;
      dst += d;
    }
    return;
  }
  if (block >= LONG) {
    for (let i = 0; i < n; i++) {
      memory.copy(dst, src, block);
      src += s;
      dst += d;
    }
    return;
  }
  if (block == 8) {
    for (let i = 0; i < n; i++) {
      store<u64>(dst, load<u64>(src));
      src += s;
      dst += d;
    }
    return;
  }
  for (let i = 0; i < n; i++) {
    copyBlock(src, dst, block);
    src += s;
    dst += d;
  }
}

/** dst = src over four axes: n of each, then its stride in src (s) and in dst (d), around blocks without gaps. */
export function moveBlocks(
  src: usize, dst: usize, block: i32,
  n0: i32, s0: i32, d0: i32, n1: i32, s1: i32, d1: i32, n2: i32, s2: i32, d2: i32, n3: i32, s3: i32, d3: i32,
): void {
  for (let i = 0; i < n0; i++) {
    for (let j = 0; j < n1; j++) {
      let p = src + i * s0 + j * s1;
      let q = dst + i * d0 + j * d1;
      for (let k = 0; k < n2; k++) {
        moveRow(p, q, block, n3, s3, d3);
        p += s2;
        q += d2;
      }
    }
  }
}

/** Matrices of words, each transposed, over three axes; strides as of moveBlocks. */
export function transposeMatrices(
  src: usize, dst: usize, rows: i32, s: i32, cols: i32, d: i32,
  n0: i32, s0: i32, d0: i32, n1: i32, s1: i32, d1: i32, n2: i32, s2: i32, d2: i32,
): void {
  for (let i = 0; i < n0; i++) {
    for (let j = 0; j < n1; j++) {
      for (let k = 0; k < n2; k++) {
        const p = src + i * s0 + j * s1 + k * s2;
        const q = dst + i * d0 + j * d1 + k * d2;
        transposeMatrix(p, s, q, d, rows, cols);
      }
    }
  }
}
