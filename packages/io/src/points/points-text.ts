import { DataError } from '../data-error.ts';

/** Rows of numbers [N, D]. */
export interface Points {
  data: Float32Array;
  shape: [number, number];
}

/**
 * Reads points from text: a line each, numbers parted by tabs, commas, semicolons or spaces. A first line that holds a word is a
 * header, and passed over; so are empty lines.
 *
 * @throws DataError that names the line.
 */
export function readPointsText(text: string, name: string): Points {
  const rows: { numbers: number[]; at: string }[] = [];
  for (const [i, line] of text.split(/\r\n|[\r\n]/).entries()) {
    const cells = line
      .trim()
      .replace(/^\ufeff/, '')
      .split(/\s*[,;\t]\s*|\s+/);
    if (cells.length === 1 && cells[0] === '') continue;
    const numbers = cells.map((cell) => (cell === '' ? Number.NaN : Number(cell)));
    const wrong = numbers.findIndex((value) => !Number.isFinite(value));
    if (wrong < 0) rows.push({ numbers, at: `line ${i + 1}` });
    else if (i > 0) {
      throw new DataError(
        `${name}: line ${i + 1}: expected finite numbers, got '${cells[wrong]}'. Keep a header in the first line.`,
      );
    }
  }
  return pointsOf(rows, name);
}

/**
 * Reads points from JSON: an array of rows, each an array of numbers.
 *
 * @throws DataError that names the row.
 */
export function readPointsJson(text: string, name: string): Points {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (error) {
    throw new DataError(`${name}: expected JSON, got a fault: ${(error as Error).message}.`, { cause: error });
  }
  if (!Array.isArray(rows)) {
    throw new DataError(
      `${name}: expected an array of rows, [[1, 2], [3, 4]], got ${rows === null ? 'null' : `a ${typeof rows}`}.`,
    );
  }
  const checked = rows.map((row: unknown, i) => {
    if (Array.isArray(row) && row.every((value) => Number.isFinite(value)))
      return { numbers: row as number[], at: `row ${i}` };
    throw new DataError(`${name}: row ${i}: expected an array of numbers, got ${JSON.stringify(row)?.slice(0, 40)}.`);
  });
  return pointsOf(checked, name);
}

function pointsOf(rows: readonly { numbers: number[]; at: string }[], name: string): Points {
  const width = rows[0]?.numbers.length ?? 0;
  if (width === 0) throw new DataError(`${name}: expected rows of numbers, got none.`);
  const odd = rows.find(({ numbers }) => numbers.length !== width);
  if (odd)
    throw new DataError(
      `${name}: ${odd.at}: expected ${width} numbers as in the first row, got ${odd.numbers.length}.`,
    );
  return { data: Float32Array.from(rows.flatMap(({ numbers }) => numbers)), shape: [rows.length, width] };
}
