import { DataError } from '../data-error.ts';
import { checkShape } from '../internal/shape.ts';
import { escapeBlank, escapeCell, unescapeCell } from './escape.ts';

/** Vectors row by row: [N, D]. */
export interface ProjectorTensors {
  data: Float32Array | Float64Array;
  shape: number[];
}

/** One label a row, or one record a row with the same columns in the same order. */
export type ProjectorMetadata = readonly string[] | readonly Readonly<Record<string, string | number>>[];

/**
 * `tensors.tsv` of the TensorBoard projector: a vector a line, values separated by tabs, no header.
 *
 * Every value is written with the digits that read back as the very same number.
 *
 * @throws RangeError if a value is not finite: the projector can't place it.
 */
export function writeProjectorTensors({ data, shape }: { data: ArrayLike<number>; shape: readonly number[] }): string {
  checkShape('writeProjectorTensors', data.length, shape);
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2 || columns === 0) {
    throw new RangeError(`writeProjectorTensors: expected shape [N, D] with D at least 1, got [${shape}].`);
  }
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    const cells: string[] = [];
    for (let column = 0; column < columns; column++) {
      const value = data[row * columns + column]!;
      if (!Number.isFinite(value)) {
        throw new RangeError(
          `writeProjectorTensors: expected finite numbers, got ${value} in row ${row}, column ${column}. Leave the row out.`,
        );
      }
      cells.push(Object.is(value, -0) ? '-0' : String(value));
    }
    lines.push(`${cells.join('\t')}\n`);
  }
  return lines.join('');
}

/**
 * Reads `tensors.tsv` to float64, in which every float32 is exact.
 *
 * @throws DataError that names the line if a value is no number or a line has another length than the first.
 */
export function readProjectorTensors(
  text: string,
  options: { name?: string } = {},
): { data: Float64Array; shape: [number, number] } {
  const name = options.name ?? 'tensors.tsv';
  const values: number[] = [];
  let columns = 0;
  const lines = splitLines(text);
  lines.forEach((line, i) => {
    const cells = line.split('\t');
    if (i === 0) columns = cells.length;
    if (cells.length !== columns) {
      throw new DataError(
        `${name}, line ${i + 1}: expected ${columns} values as in line 1, got ${cells.length}. Separate them by tabs.`,
      );
    }
    for (const cell of cells) {
      const value = cell.trim() === '' ? Number.NaN : Number(cell);
      if (!Number.isFinite(value)) {
        throw new DataError(
          `${name}, line ${i + 1}: expected a number, got ${JSON.stringify(cell.slice(0, 40))}. Tensors have no header and no labels.`,
        );
      }
      values.push(value);
    }
  });
  return { data: Float64Array.from(values), shape: [lines.length, columns] };
}

/**
 * `metadata.tsv` of the TensorBoard projector: a line for each vector. Labels, and records of one column, stand alone
 * with no header; records of several columns get a header of their keys. A newline is written as \n, a tab as \t, a
 * carriage return as \r, a backslash doubled, so a label never breaks its line.
 *
 * @throws RangeError if a record has other columns than the first.
 */
export function writeProjectorMetadata(rows: ProjectorMetadata): string {
  const first = rows[0];
  if (first === undefined) return '';
  const columns = typeof first === 'string' ? undefined : Object.keys(first);
  if (columns?.length === 0) throw new RangeError('writeProjectorMetadata: expected columns, got an empty record.');
  const cells = rows.map((row, i) => {
    if (columns === undefined && typeof row === 'string') return [row];
    const keys = typeof row === 'string' ? [] : Object.keys(row);
    if (columns === undefined || keys.length !== columns.length || !columns.every((key) => keys.includes(key))) {
      const expected = columns === undefined ? 'a string' : `the columns ${columns.join(', ')}`;
      const got = typeof row === 'string' ? 'a string' : `the columns ${keys.join(', ')}`;
      throw new RangeError(`writeProjectorMetadata: row ${i}: expected ${expected} as in row 0, got ${got}.`);
    }
    return columns.map((key) => String((row as Record<string, string | number>)[key]));
  });
  if (columns !== undefined && columns.length > 1) cells.unshift(columns);
  return cells.map((line) => `${writeLine(line)}\n`).join('');
}

/**
 * Reads `metadata.tsv`: strings if there is one column, else records by the header. The inverse of the writer; numbers
 * come back as text, since the file does not tell.
 *
 * @throws DataError that names the line if it has another number of columns than the header, or an unknown escape.
 */
export function readProjectorMetadata(
  text: string,
  options: { name?: string } = {},
): string[] | Record<string, string>[] {
  const name = options.name ?? 'metadata.tsv';
  const rows = splitLines(text).map((line, i) =>
    line.split('\t').map((cell) => {
      const value = unescapeCell(cell);
      if (value !== undefined) return value;
      throw new DataError(
        `${name}, line ${i + 1}: expected \\n, \\t, \\r, \\e, \\u0020 or \\\\ after a backslash, got ${JSON.stringify(cell.slice(0, 40))}. Double the backslash.`,
      );
    }),
  );
  const columns = rows[0] ?? [];
  const wrong = rows.findIndex((row) => row.length !== columns.length);
  if (wrong > 0) {
    throw new DataError(
      `${name}, line ${wrong + 1}: expected ${columns.length} columns as in line 1, got ${rows[wrong]!.length}. Separate them by tabs.`,
    );
  }
  if (columns.length <= 1) return rows.map((row) => row[0]!);
  return rows.slice(1).map((row) => Object.fromEntries(columns.map((key, i) => [key, row[i]!])));
}

function writeLine(cells: readonly string[]): string {
  const line = cells.map(escapeCell).join('\t');
  return line.trim() === '' ? [escapeBlank(escapeCell(cells[0]!)), ...cells.slice(1).map(escapeCell)].join('\t') : line;
}

/** Lines without their ends; CRLF is taken too, as editors write it. */
function splitLines(text: string): string[] {
  if (text === '') return [];
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
