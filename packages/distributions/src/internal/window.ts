import { average, type HalfLine } from './half-line.ts';

/** A part of the window on one side of loc: `side` is 1 above it and -1 below. */
interface Stretch {
  readonly side: 1 | -1;
  /** The end that is nearer to loc, and the other one. */
  readonly start: number;
  readonly end: number;
  /** Distance of `start` from loc, and of `end` from `start`, in scales. */
  readonly near: number;
  readonly width: number;
  /** Share of the half line beyond `start` that lies in the stretch, and the log of the rest. */
  readonly mass: number;
  readonly logRest: number;
}

/**
 * A location-scale distribution cut to [low, high], in float64. It keeps distances to the window's ends, not to loc, so that a
 * window far out in a tail is as exact as one at loc. Needs low < high and scale > 0, all but NaN; low and high may be infinite.
 */
export class Window {
  private readonly upper: Stretch | undefined;
  private readonly lower: Stretch | undefined;
  /** Mass of both stretches; if there are two, both count in halves. */
  private readonly total: number;

  constructor(
    private readonly line: HalfLine,
    readonly loc: number,
    readonly scale: number,
    readonly low: number,
    readonly high: number,
  ) {
    this.upper = this.stretch(1, Math.max(low, loc), high);
    this.lower = this.stretch(-1, Math.min(high, loc), low);
    this.total = (this.upper?.mass ?? 0) + (this.lower?.mass ?? 0);
  }

  /** Log density at x of [low, high]. */
  logProb(x: number): number {
    const { line, total, scale } = this;
    const { near, start, side } = this.stretchOf(x);
    const t = (side * (x - start)) / scale;
    return line.logHazard(near) + line.logFall(near, t) - Math.log(total * scale);
  }

  /** log P(X <= x) and log P(X > x) at x of [low, high]. */
  logCdfs(x: number): [logCdf: number, logSurvival: number] {
    const { line, scale, total } = this;
    const { near, start, end, side } = this.stretchOf(x);
    const t = (side * (x - start)) / scale;
    const rest = (side * (end - x)) / scale;
    const logOuter = line.logTail(near, t) + Math.log(-Math.expm1(line.logTail(near + t, rest))) - Math.log(total);
    const inner = -Math.expm1(line.logTail(near, t)) + ((side === 1 ? this.lower : this.upper)?.mass ?? 0);
    const logInner = logOuter < -0.7 ? Math.log1p(-Math.exp(logOuter)) : Math.log(inner / total);
    return side === 1 ? [logInner, logOuter] : [logOuter, logInner];
  }

  /** The x with P(X <= x) = p. */
  quantile(p: number): number {
    const { line, total, upper, lower, scale } = this;
    if (p <= 0) return this.low;
    if (p >= 1) return this.high;
    const isAbove = upper !== undefined && (lower === undefined || p * total >= lower.mass);
    const at = isAbove ? upper : lower!;
    const [inward, outward] = isAbove ? [p, 1 - p] : [1 - p, p];
    // The share of the half line between its start and x.
    const share = Math.max(0, inward * total - ((isAbove ? lower : upper)?.mass ?? 0));
    const logBeyond = share < 0.5 ? Math.log1p(-share) : Math.log(outward * total + Math.exp(at.logRest));
    const x = at.start + at.side * scale * line.inverse(at.near, logBeyond);
    return Math.min(this.high, Math.max(this.low, x));
  }

  mean(): number {
    return this.expect((s) => s.start + s.side * this.scale * this.moments(s).first);
  }

  variance(): number {
    const mean = this.expect((s) => s.side * this.moments(s).first);
    return this.scale ** 2 * (this.expect((s) => this.moments(s).second) - mean ** 2);
  }

  entropy(): number {
    const { line, total, scale } = this;
    return Math.log(total * scale) - this.expect((s) => line.logHazard(s.near) + this.moments(s).fall);
  }

  /** d logProb / dx at x of [low, high]. */
  slope(x: number): number {
    return this.line.slope((x - this.loc) / this.scale) / this.scale;
  }

  private stretch(side: 1 | -1, start: number, end: number): Stretch | undefined {
    const width = (side * (end - start)) / this.scale;
    if (!(width > 0)) return undefined;
    const near = (side * (start - this.loc)) / this.scale;
    const logRest = this.line.logTail(near, width);
    return { side, start, end, near, width, mass: -Math.expm1(logRest), logRest };
  }

  private stretchOf(x: number): Stretch {
    return (this.lower === undefined || (this.upper !== undefined && x >= this.loc) ? this.upper : this.lower)!;
  }

  /** The mean of `f` over the stretches by their mass. */
  private expect(f: (s: Stretch) => number): number {
    const part = (s: Stretch | undefined) => (s === undefined ? 0 : (s.mass / this.total) * f(s));
    return part(this.upper) + part(this.lower);
  }

  /** E[t] and E[t^2] of the distance t from the start of a stretch, in scales, and the mean of log f there less that at the start. */
  private moments({ near, width, mass, logRest }: Stretch): { first: number; second: number; fall: number } {
    const { line } = this;
    if (line.logFall(near, width) > -1) {
      const density = (t: number) => Math.exp(line.logFall(near, t));
      const whole = average(width, density);
      const mean = (f: (t: number) => number) => average(width, (t) => f(t) * density(t)) / whole;
      return { first: mean((t) => t), second: mean((t) => t * t), fall: mean((t) => line.logFall(near, t)) };
    }
    let [first, second] = line.moments(near);
    if (logRest > -Infinity) {
      const rest = Math.exp(logRest);
      const [beyond, beyondSquare] = line.moments(near + width);
      second = (second - rest * (beyondSquare + width * (2 * beyond + width))) / mass;
      first = (first - rest * (beyond + width)) / mass;
    }
    return { first, second, fall: line.meanFall(near, width, first, second) };
  }
}
