// Convolutions, NHWC, as products whose one side is image patches.
import { HEAD, KC, MC } from './gemm';
import { finishRows, NR, panels } from './gemm-micro';
import { packA, packB } from './gemm-pack';
import { transposed } from './transpose';
import { keepLiveRuns, liveRun, packPatchColumns, packPatchRows, placePatches, runSize, setPatches, thinPatchColumns, thinPatchRows } from './patches';

/** Filters (columns) packed at a time. */
const NC: i32 = 512;
/** Up to how many output channels no patch is packed. */
const THIN: i32 = 3;

/**
 * out = patches of x times the filter, for patches [from, to) of the batch's grids [gridH, gridW]: a convolution, or a part of
 * one's gradient by its input. The filter's element (tap h, w; row; column) is at h fTapH + w fTapW + row fRow + column fCol;
 * the output pixel (image, i, j) begins at image outImage + i outRow + j outColumn and has n channels.
 * A tap's n C numbers lie together; runs of taps that are 0, as a mask leaves them, are left out.
 * Scratch: HEAD + 24 MC + 4 taps + 28 max(C, tapsW min(C, 15)) + 4 taps C (min(n, 512) + 7) bytes.
 */
export function convRows(
  x: usize, h: i32, w: i32, c: i32, gridH: i32, gridW: i32, strideH: i32, strideW: i32, offH: i32, offW: i32,
  tapsH: i32, tapsW: i32, stepH: i32, stepW: i32, filter: usize, fTapH: i32, fTapW: i32, fRow: i32, fCol: i32,
  out: usize, outImage: i32, outRow: i32, outColumn: i32, n: i32, from: i32, to: i32,
  bias: usize, activation: i32, alpha: f32, scratch: usize,
): void {
  const pa = scratch + 192;
  const table = scratch + HEAD;
  const list = table + (<usize>MC << 2);
  const start = list + (<usize>(tapsH * tapsW) << 2);
  const pb = setPatches(x, h, w, c, gridH, gridW, strideH, strideW, offH, offW, tapsW, stepH, stepW, MC, 6, start);
  const tapsAtOnce = runSize() / c;
  const taps = tapsAtOnce * keepLiveRuns(filter, tapsH, fTapH, fTapW, c * n, list);
  const k = taps * c;
  const together = outColumn == n && outRow == gridW * n && outImage == gridH * outRow;
  const ldc = <usize>n << 2;
  if (n <= THIN) {
    for (let j = 0, q = pb; j < n; j++) {
      for (let i = 0; i < taps; i++) {
        const tap = liveRun(i / tapsAtOnce) * tapsAtOnce + (i % tapsAtOnce);
        let p = filter + (<usize>((tap / tapsW) * fTapH + (tap % tapsW) * fTapW + j * fCol) << 2);
        for (let row = 0; row < c; row++, p += <usize>fRow << 2, q += 4) f32.store(q, f32.load(p));
      }
    }
    for (let ic = from; ic < to; ic += MC) {
      const mc = min(MC, to - ic);
      placePatches(ic, mc);
      placeRows(table, out, ic, mc, gridH, gridW, outImage, outRow, outColumn);
      thinPatchRows(mc, k, pb, table, n);
      finishRows(0, ldc, table, mc, n, bias, activation, alpha);
    }
    return;
  }
  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    const wide = (nc + NR - 1) & ~(NR - 1);
    for (let i = 0, kk = 0; i < taps; i++) {
      const tap = liveRun(i / tapsAtOnce) * tapsAtOnce + (i % tapsAtOnce);
      const at = (tap / tapsW) * fTapH + (tap % tapsW) * fTapW + jc * fCol;
      for (let row = 0; row < c; ) {
        const block = kk & ~(KC - 1);
        const rows = min(c - row, block + KC - kk);
        const kc = min(KC, k - block);
        const to = pb + (<usize>(block * wide) << 2) + (<usize>(kk - block) << 5);
        packB(filter + (<usize>(at + row * fRow) << 2), fRow, fCol, rows, nc, to, <usize>kc << 5);
        row += rows;
        kk += rows;
      }
    }
    for (let ic = from; ic < to; ic += MC) {
      const mc = min(MC, to - ic);
      placePatches(ic, mc);
      const rows: usize = together ? 0 : table;
      const cc = together ? out + (<usize>(ic * n + jc) << 2) : <usize>jc << 2;
      if (!together) placeRows(table, out, ic, mc, gridH, gridW, outImage, outRow, outColumn);
      for (let pc = 0; pc < k; pc += KC) {
        const kc = min(KC, k - pc);
        packPatchRows(mc, pc, kc, pa);
        panels(kc, pa, pb + (<usize>(pc * wide) << 2), mc, nc, cc, ldc, rows, pc == 0, scratch);
      }
      finishRows(cc, ldc, rows, mc, nc, bias == 0 ? 0 : bias + (<usize>jc << 2), activation, alpha);
    }
  }
}

/** The address of every output pixel of patches [first, first + count). */
function placeRows(table: usize, out: usize, first: i32, count: i32, gridH: i32, gridW: i32, image: i32, row: i32, column: i32): void {
  let j = first % gridW;
  let i = (first / gridW) % gridH;
  let b = first / (gridW * gridH);
  for (let r = 0; r < count; r++) {
    store<u32>(table + (<usize>r << 2), <u32>(out + (<usize>(b * image + i * row + j * column) << 2)));
    if (++j == gridW) {
      j = 0;
      if (++i == gridH) {
        i = 0;
        b++;
      }
    }
  }
}

/** Columns of patches at a time. */
const WIDTH: i32 = 512;

/**
 * Gradient of a convolution by its filter, [K, O] = patches [pixels, K] transposed times dy [pixels, O], for the filter's rows
 * [from, to) of K = tapsH tapsW C.
 * Scratch: HEAD + 20 KC + 4 max(C, (KC + 1) tapsW min(C, 15)) + 4 (WIDTH KC + O WIDTH) bytes.
 */
export function convFilter(
  x: usize, h: i32, w: i32, c: i32, gridH: i32, gridW: i32, strideH: i32, strideW: i32, offH: i32, offW: i32,
  tapsW: i32, stepH: i32, stepW: i32, dy: usize, pixels: i32, n: i32, out: usize, from: i32, to: i32, scratch: usize,
): void {
  const pa = scratch + 192;
  const pb = setPatches(x, h, w, c, gridH, gridW, strideH, strideW, offH, offW, tapsW, stepH, stepW, KC, KC, scratch + HEAD);
  const turned = pb + (<usize>(WIDTH * KC) << 2);
  const parts = (to - from + WIDTH - 1) / WIDTH;
  const part = ((to - from + parts - 1) / parts + NR - 1) & ~(NR - 1); // of equal width
  for (let jc = from; jc < to; jc += part) {
    const nc = min(part, to - jc);
    const ldc = <usize>nc << 2;
    if (n <= THIN) {
      memory.fill(turned, 0, <usize>n * ldc);
      for (let pc = 0; pc < pixels; pc += KC) {
        const kc = min(KC, pixels - pc);
        placePatches(pc, kc);
        thinPatchColumns(kc, jc, nc, dy + (<usize>(pc * n) << 2), n, turned);
      }
      transposed(turned, n, nc, out + (<usize>(jc * n) << 2));
      continue;
    }
    for (let pc = 0; pc < pixels; pc += KC) {
      const kc = min(KC, pixels - pc);
      placePatches(pc, kc);
      packPatchColumns(kc, jc, nc, pb);
      for (let ic = 0; ic < n; ic += MC) {
        const mc = min(MC, n - ic);
        packA(dy + (<usize>(pc * n + ic) << 2), 1, n, mc, kc, pa);
        panels(kc, pa, pb, mc, nc, turned + <usize>ic * ldc, ldc, 0, pc == 0, scratch);
      }
    }
    transposed(turned, n, nc, out + (<usize>(jc * n) << 2));
  }
}
