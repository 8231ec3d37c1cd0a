// Image patches straight into the panels of the product (implicit im2col). A patch is the input under every tap of a
// filter, [tapsH, tapsW, channels]; it is read in runs: a tap's channels, or, where those are few, a row of taps at once.
import { fma, lanes, MR, NR } from './gemm-micro';
import { interleave } from './gemm-pack';

let image: usize = 0, height: i32 = 0, width: i32 = 0, channels: i32 = 0;
let gridH: i32 = 0, gridW: i32 = 0, strideH: i32 = 0, strideW: i32 = 0, offH: i32 = 0, offW: i32 = 0;
let tapsW: i32 = 0, stepH: i32 = 0, stepW: i32 = 0;
let merged: bool = false, run: i32 = 0, runsAcross: i32 = 0;
let lives: usize = 0;
let places: usize = 0, zeros: usize = 0, spare: usize = 0, pointers: usize = 0;

/** Fewer channels than these are read with the whole row of taps, if it lies together. */
const MANY: i32 = 16;

/**
 * The grid of patches: patch (i, j) has its tap (h, w) at input row i strideH + offH + h stepH, and so for columns.
 * At most `most` patches at a time. Returns the end of the work space that it takes from `scratch` on.
 */
export function setPatches(
  x: usize, h: i32, w: i32, c: i32, gh: i32, gw: i32, sh: i32, sw: i32, oh: i32, ow: i32, tw: i32, dh: i32, dw: i32,
  most: i32, slots: i32, scratch: usize,
): usize {
  image = x; height = h; width = w; channels = c;
  gridH = gh; gridW = gw; strideH = sh; strideW = sw; offH = oh; offW = ow;
  tapsW = tw; stepH = dh; stepW = dw;
  merged = tw > 1 && dw == 1 && c < MANY;
  run = merged ? tw * c : c;
  runsAcross = merged ? 1 : tw;
  lives = 0;
  places = scratch;
  pointers = places + (<usize>most << 4);
  zeros = pointers + (<usize>most << 2);
  memory.fill(zeros, 0, <usize>run << 2);
  spare = zeros + (<usize>run << 2);
  return spare + (merged ? <usize>(slots * run) << 2 : 0);
}

/** Numbers in a run. */
export function runSize(): i32 {
  return run;
}

/**
 * Leaves out the runs whose filter weights are all 0, as those that a mask has killed, and returns how many runs are left: 1
 * at least. The filter's tap (h, w) is `size` numbers at h tapH + w tapW; `list` has room for the taps' numbers.
 */
export function keepLiveRuns(filter: usize, tapsH: i32, tapH: i32, tapW: i32, size: i32, list: usize): i32 {
  let kept = 0;
  for (let s = 0; s < tapsH * runsAcross; s++) {
    const h = s / runsAcross;
    const taps = merged ? tapsW : 1;
    let alive = false;
    for (let t = 0; t < taps && !alive; t++) {
      alive = anyLive(filter + (<usize>(h * tapH + (s - h * runsAcross + t) * tapW) << 2), size);
    }
    if (!alive) continue;
    store<i32>(list + (<usize>kept << 2), s);
    kept++;
  }
  lives = list;
  if (kept > 0) return kept;
  store<i32>(list, 0);
  return 1;
}

/** Which of all runs the `s`-th one left is. */
export function liveRun(s: i32): i32 {
  return lives == 0 ? s : load<i32>(lives + (<usize>s << 2));
}

function anyLive(p: usize, size: i32): bool {
  const zero = f32x4.splat(0);
  const end = p + (<usize>size << 2);
  for (; p + 16 <= end; p += 16) if (v128.any_true(f32x4.ne(v128.load(p), zero))) return true;
  for (; p < end; p += 4) if (f32.load(p) != 0) return true;
  return false;
}

/** Notes where patches [first, first + count) begin, over all images. */
export function placePatches(first: i32, count: i32): void {
  let j = first % gridW;
  let rest = first / gridW;
  let i = rest % gridH;
  const size = <usize>(height * width * channels) << 2;
  let base = image + <usize>(rest / gridH) * size;
  for (let p = places, end = places + (<usize>count << 4); p < end; p += 16) {
    store<u32>(p, <u32>base);
    store<i32>(p, i * strideH + offH, 4);
    store<i32>(p, j * strideW + offW, 8);
    if (++j == gridW) {
      j = 0;
      if (++i == gridH) {
        i = 0;
        base += size;
      }
    }
  }
}

/** Where the `s`-th run left of patch `r` lies: in the image, among zeros, or, if it crosses the image's edge, copied to a slot. */
function runAt(r: i32, s: i32, slot: i32): usize {
  s = liveRun(s);
  const place = places + (<usize>r << 4);
  const h = s / runsAcross;
  const ih = load<i32>(place, 4) + h * stepH;
  if (<u32>ih >= <u32>height) return zeros;
  let iw = load<i32>(place, 8) + (s - h * runsAcross) * stepW;
  const row = <usize>load<u32>(place) + (<usize>(ih * width * channels) << 2);
  if (!merged) return <u32>iw >= <u32>width ? zeros : row + (<usize>(iw * channels) << 2);
  if (iw >= 0 && iw + tapsW <= width) return row + (<usize>(iw * channels) << 2);
  if (iw + tapsW <= 0 || iw >= width) return zeros;
  const out = spare + (<usize>(slot * run) << 2);
  let at = out;
  for (let t = 0; t < tapsW; t++, iw++) {
    const inside = <u32>iw < <u32>width;
    const from = row + (<usize>(iw * channels) << 2);
    for (let c: usize = 0; c < <usize>channels << 2; c += 4) {
      f32.store(at, inside ? f32.load(from + c) : 0);
      at += 4;
    }
  }
  return out;
}

/** Patches [0, m), which placePatches has noted, as panels of 6 rows of a matrix; columns [from, from + k). */
export function packPatchRows(m: i32, from: i32, k: i32, out: usize): void {
  const end = from + k;
  for (let i = 0; i < m; i += MR) {
    let s = from / run;
    let at = from - s * run;
    for (let kk = from; kk < end; s++, at = 0) {
      const count = min(run - at, end - kk);
      const skip = <usize>at << 2;
      const p0 = runAt(i, s, 0) + skip;
      const p1 = i + 1 < m ? runAt(i + 1, s, 1) + skip : zeros;
      const p2 = i + 2 < m ? runAt(i + 2, s, 2) + skip : zeros;
      const p3 = i + 3 < m ? runAt(i + 3, s, 3) + skip : zeros;
      const p4 = i + 4 < m ? runAt(i + 4, s, 4) + skip : zeros;
      const p5 = i + 5 < m ? runAt(i + 5, s, 5) + skip : zeros;
      interleave(p0, p1, p2, p3, p4, p5, count, out);
      out += <usize>(count * 24);
      kk += count;
    }
  }
}

/** Patches [0, k), which placePatches has noted, as the k rows of panels of 8 columns; columns [from, from + n). */
export function packPatchColumns(k: i32, from: i32, n: i32, out: usize): void {
  let noted = -1;
  for (let j = 0; j < n; j += NR) {
    for (let lane = 0; lane < NR; ) {
      let o = out + (<usize>lane << 2);
      if (j + lane >= n) {
        for (let r = 0; r < k; r++, o += 32) for (let t: usize = 0; t < <usize>(NR - lane) << 2; t += 4) f32.store(o + t, 0);
        break;
      }
      const column = from + j + lane;
      const s = column / run;
      const at = column - s * run;
      const count = min(min(NR - lane, run - at), n - j - lane);
      if (s != noted) {
        for (let r = 0; r < k; r++) store<u32>(pointers + (<usize>r << 2), <u32>runAt(r, s, r));
        noted = s;
      }
      const skip = <usize>at << 2;
      const last = pointers + (<usize>k << 2);
      if (count == 8) {
        for (let q = pointers; q < last; q += 4, o += 32) {
          const p = <usize>load<u32>(q) + skip;
          v128.store(o, v128.load(p));
          v128.store(o, v128.load(p, 16), 16);
        }
      } else if (count == 4) {
        for (let q = pointers; q < last; q += 4, o += 32) v128.store(o, v128.load(<usize>load<u32>(q) + skip));
      } else {
        for (let q = pointers; q < last; q += 4, o += 32) {
          const p = <usize>load<u32>(q) + skip;
          for (let t: usize = 0; t < <usize>count << 2; t += 4) f32.store(o + t, f32.load(p + t));
        }
      }
      lane += count;
    }
    out += <usize>(k << 5);
  }
}

/**
 * out [m, n] = patches [0, m), which placePatches has noted, times the filter, for few filters n: dot products in place. The
 * filters [n, k] have a patch's order; the pixels of out are n numbers at the addresses in `rows`.
 */
export function thinPatchRows(m: i32, k: i32, filters: usize, rows: usize, n: i32): void {
  const runs = k / run;
  for (let i = 0; i < m; i += 4) {
    const i1 = min(i + 1, m - 1), i2 = min(i + 2, m - 1), i3 = min(i + 3, m - 1);
    for (let j = 0; j < n; j++) {
      let q = filters + (<usize>(j * k) << 2);
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
      let r0: f32 = 0, r1: f32 = 0, r2: f32 = 0, r3: f32 = 0;
      for (let s = 0; s < runs; s++) {
        let p0 = runAt(i, s, 0), p1 = runAt(i1, s, 1), p2 = runAt(i2, s, 2), p3 = runAt(i3, s, 3);
        let c = 0;
        for (; c + 4 <= run; c += 4) {
          const w = v128.load(q);
          s0 = fma(w, v128.load(p0), s0);
          s1 = fma(w, v128.load(p1), s1);
          s2 = fma(w, v128.load(p2), s2);
          s3 = fma(w, v128.load(p3), s3);
          p0 += 16; p1 += 16; p2 += 16; p3 += 16; q += 16;
        }
        for (; c < run; c++) {
          const w = f32.load(q);
          r0 += w * f32.load(p0);
          r1 += w * f32.load(p1);
          r2 += w * f32.load(p2);
          r3 += w * f32.load(p3);
          p0 += 4; p1 += 4; p2 += 4; p3 += 4; q += 4;
        }
      }
      const at = <usize>j << 2;
      f32.store(<usize>load<u32>(rows + (<usize>i << 2)) + at, lanes(s0) + r0);
      f32.store(<usize>load<u32>(rows + (<usize>i1 << 2)) + at, lanes(s1) + r1);
      f32.store(<usize>load<u32>(rows + (<usize>i2 << 2)) + at, lanes(s2) + r2);
      f32.store(<usize>load<u32>(rows + (<usize>i3 << 2)) + at, lanes(s3) + r3);
    }
  }
}

/** sums [n, size] += dy [m, n] transposed times columns [from, from + size) of patches [0, m), for few columns n of dy. */
export function thinPatchColumns(m: i32, from: i32, size: i32, dy: usize, n: i32, sums: usize): void {
  for (let i = 0; i + 4 <= m; i += 4) {
    for (let done = 0, s = from / run, at = from % run; done < size; s++, at = 0) {
      const count = min(run - at, size - done);
      const skip = <usize>at << 2;
      const p0 = runAt(i, s, 0) + skip, p1 = runAt(i + 1, s, 1) + skip, p2 = runAt(i + 2, s, 2) + skip, p3 = runAt(i + 3, s, 3) + skip;
      const d = <usize>n << 2;
      for (let j = 0; j < n; j++) {
        const w = dy + (<usize>(i * n + j) << 2);
        const a0 = f32.load(w), a1 = f32.load(w + d), a2 = f32.load(w + 2 * d), a3 = f32.load(w + 3 * d);
        const v0 = f32x4.splat(a0), v1 = f32x4.splat(a1), v2 = f32x4.splat(a2), v3 = f32x4.splat(a3);
        const to = sums + (<usize>(j * size + done) << 2);
        const end = <usize>count << 2, whole = end & ~15;
        let t: usize = 0;
        for (; t < whole; t += 16) {
          const sum = fma(v1, v128.load(p1 + t), fma(v0, v128.load(p0 + t), v128.load(to + t)));
          v128.store(to + t, fma(v3, v128.load(p3 + t), fma(v2, v128.load(p2 + t), sum)));
        }
        for (; t < end; t += 4) {
          const sum = a0 * f32.load(p0 + t) + a1 * f32.load(p1 + t) + a2 * f32.load(p2 + t) + a3 * f32.load(p3 + t);
          f32.store(to + t, f32.load(to + t) + sum);
        }
      }
      done += count;
    }
  }
  for (let i = m & ~3; i < m; i++) {
    for (let done = 0, s = from / run, at = from % run; done < size; s++, at = 0) {
      const count = min(run - at, size - done);
      const p = runAt(i, s, 0) + (<usize>at << 2);
      for (let j = 0; j < n; j++) {
        const w = f32.load(dy + (<usize>(i * n + j) << 2));
        const to = sums + (<usize>(j * size + done) << 2);
        for (let t: usize = 0; t < <usize>count << 2; t += 4) f32.store(to + t, f32.load(to + t) + w * f32.load(p + t));
      }
      done += count;
    }
  }
}
