/** A loss after so many steps. */
export interface Sample {
  step: number;
  loss: number;
}

/** Keeps a growing curve drawable: beyond `limit` samples, neighbours are averaged in pairs. */
export function thinned(samples: readonly Sample[], limit = 400): readonly Sample[] {
  if (samples.length <= limit) return samples;
  const pairs: Sample[] = [];
  for (let i = 0; i < samples.length; i += 2) {
    const a = samples[i]!;
    const b = samples[i + 1] ?? a;
    pairs.push({ step: b.step, loss: (a.loss + b.loss) / 2 });
  }
  return pairs;
}

/** Ends of the loss axis: the whole curve with a little air, at least 10 % from top to bottom. */
export function lossRange(samples: readonly Sample[]): [low: number, high: number] {
  const losses = samples.map(({ loss }) => loss).filter((loss) => Number.isFinite(loss) && loss > 0);
  if (losses.length === 0) return [100, 600];
  const low = Math.min(...losses) * 0.95;
  const high = Math.max(...losses) * 1.05;
  return [low, Math.max(high, low * 1.1)];
}

/** Round values (1, 2, 3, 5 times a power of ten) inside the range, thinned to at most `most`; for a logarithmic axis. */
export function logTicks([low, high]: readonly [number, number], most = 4): number[] {
  const factors = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
    for (const factor of factors) {
      const tick = Math.round(factor * power * 100) / 100;
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  // Near neighbours give way: what stays is at least 1 / most of the axis apart.
  const gap = Math.log(high / low) / (most + 0.5);
  const kept: number[] = [];
  for (const tick of ticks) if (kept.length === 0 || Math.log(tick / kept.at(-1)!) >= gap) kept.push(tick);
  return kept;
}

/** Round values from 0 to `last`, at most `most` after 0; for a linear axis. */
export function linearTicks(last: number, most = 4): number[] {
  if (!(last > 0)) return [0];
  const rough = last / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough)!);
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step);
}

export interface Axes {
  /** Pixels from the left for a step. */
  x(step: number): number;
  /** Pixels from the top for a loss. */
  y(loss: number): number;
}

/** Linear in steps, logarithmic in the loss: the first epoch would flatten all others otherwise. */
export function axes(
  box: { left: number; right: number; top: number; bottom: number },
  lastStep: number,
  [low, high]: readonly [number, number],
): Axes {
  return {
    x: (step) => box.left + (step / Math.max(1, lastStep)) * (box.right - box.left),
    y: (loss) => box.bottom - (Math.log(loss / low) / Math.log(high / low)) * (box.bottom - box.top),
  };
}

/** An SVG path through the samples. */
export function path(samples: readonly Sample[], { x, y }: Axes): string {
  return samples
    .map(({ step, loss }, i) => `${i === 0 ? 'M' : 'L'}${x(step).toFixed(1)} ${y(loss).toFixed(1)}`)
    .join('');
}
