export interface BeamSearch {
  /** Searches that go side by side. */
  readonly batch: number;
  /** Hypotheses kept of each. */
  readonly width: number;
  /** Symbols of a hypothesis at most. */
  readonly length: number;
  readonly classes: number;
  readonly start: number;
  readonly end: number;
  symbolOf(index: number): number;
  /**
   * Logits [batch width, classes] after these symbols were written by the hypotheses `parents` of the last step, both [batch width]:
   * hypothesis i of search b is row b width + i.
   */
  next(symbols: Int32Array, parents: Int32Array): Promise<Float32Array>;
}

interface Hypothesis {
  readonly symbols: readonly number[];
  readonly logProb: number;
  readonly parent: number;
}

/** The most probable sequence of each search that was found, with its end unless it was cut at `length`. */
export async function beamSearch(search: BeamSearch): Promise<number[][]> {
  const { batch, width, length, classes, start, end, symbolOf } = search;
  const isDone = ({ symbols }: Hypothesis) => symbols.at(-1) === end;
  let beams: Hypothesis[][] = Array.from({ length: batch }, () => [{ symbols: [], logProb: 0, parent: 0 }]);
  for (let step = 0; step < length; step++) {
    // Probabilities only fall: once the best has ended, no other can overtake it.
    if (beams.every(([best]) => isDone(best!))) break;
    const symbols = new Int32Array(batch * width).fill(end); // of rows that nobody looks at
    const parents = Int32Array.from(symbols, (_, row) => row);
    beams.forEach((beam, b) => {
      beam.forEach((hypothesis, i) => {
        symbols[b * width + i] = hypothesis.symbols.at(-1) ?? start;
        parents[b * width + i] = b * width + hypothesis.parent;
      });
    });
    const logits = await search.next(symbols, parents);
    beams = beams.map((beam, b) => {
      const grown = beam.flatMap((hypothesis, i) => {
        if (isDone(hypothesis)) return [hypothesis];
        const row = (b * width + i) * classes;
        const logProbs = logSoftmax(logits.subarray(row, row + classes));
        return logProbs.map((logProb, index) => ({
          symbols: [...hypothesis.symbols, symbolOf(index)],
          logProb: hypothesis.logProb + logProb,
          parent: i,
        }));
      });
      return grown.sort((one, other) => other.logProb - one.logProb).slice(0, width);
    });
  }
  return beams.map(([best]) => [...best!.symbols]);
}

function logSoftmax(logits: Float32Array): number[] {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  return Array.from(logits, (logit) => logit - largest - Math.log(total));
}
