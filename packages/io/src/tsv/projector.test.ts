import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readProjectorMetadata,
  readProjectorTensors,
  writeProjectorMetadata,
  writeProjectorTensors,
} from './projector.ts';

describe('tensors', () => {
  it('has no header and all digits', () => {
    const data = Float32Array.of(0.1, -2, 3.17276168, 1e-30);
    expect(writeProjectorTensors({ data, shape: [2, 2] })).toBe(
      '0.10000000149011612\t-2\n3.1727616786956787\t1.0000000031710769e-30\n',
    );
  });

  it('reads back the very numbers', () => {
    const finite = fc
      .float32Array({ noNaN: true, noInteger: false, minLength: 1 })
      .map((a) => a.filter(Number.isFinite));
    fc.assert(
      fc.property(
        finite.filter((a) => a.length > 0),
        (data) => {
          const { data: read, shape } = readProjectorTensors(writeProjectorTensors({ data, shape: [1, data.length] }));
          expect(shape).toEqual([1, data.length]);
          expect(Float32Array.from(read)).toEqual(data);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  it('reads files of others: Windows line ends, no last newline', () => {
    expect(readProjectorTensors('1\t2\r\n3\t-4e2')).toEqual({ data: Float64Array.of(1, 2, 3, -400), shape: [2, 2] });
    expect(readProjectorTensors('').shape).toEqual([0, 0]);
  });

  it.each([
    ['x\ty\n1\t2\n', 'tensors.tsv, line 1: expected a number, got "x"'],
    ['1\t2\n3\n', 'tensors.tsv, line 2: expected 2 values as in line 1, got 1'],
    ['1\t\n', 'line 1: expected a number, got ""'],
  ])('refuses %j', (text, says) => {
    expect(() => readProjectorTensors(text)).toThrow(says);
  });

  it('refuses what the projector can not place', () => {
    const data = Float32Array.of(1, Number.NaN);
    expect(() => writeProjectorTensors({ data, shape: [2, 1] })).toThrow('got NaN in row 1, column 0');
    expect(() => writeProjectorTensors({ data, shape: [2] })).toThrow('expected shape [N, D]');
  });
});

describe('metadata', () => {
  it('labels stand alone, records have a header', () => {
    expect(writeProjectorMetadata(['zero', 'a\tb', 'c\nd', '\\n'])).toBe('zero\na\\tb\nc\\nd\n\\\\n\n');
    expect(writeProjectorMetadata([{ label: 3, 'a\tb': 'x' }])).toBe('label\ta\\tb\n3\tx\n');
    expect(writeProjectorMetadata([{ label: 'one' }, { label: 2 }])).toBe('one\n2\n');
    expect(writeProjectorMetadata([])).toBe('');
  });

  // The projector trims each line and leaves out what is blank (tensorboard, data-provider.ts, parseMetadata).
  it('keeps every label on a line that is not blank', () => {
    const labels = ['', ' ', '\t', '\u3000', 'a', '\r'];
    const lines = writeProjectorMetadata(labels).split('\n').slice(0, -1);
    expect(lines.filter((line) => line.trim() !== '')).toHaveLength(labels.length);
    expect(readProjectorMetadata(writeProjectorMetadata(labels))).toEqual(labels);
  });

  it('reads labels back', () => {
    const label = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'\\\t\n\r un0e') }));
    fc.assert(
      fc.property(fc.array(label), (labels) => {
        expect(readProjectorMetadata(writeProjectorMetadata(labels))).toEqual(labels);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('reads records back', () => {
    const cell = fc.string({ unit: fc.constantFrom(...'\\\t\n\r ab') });
    const rows = fc.array(fc.record({ label: cell, 'odd\tname': cell, c: cell }), { minLength: 1 });
    fc.assert(
      fc.property(rows, (records) => {
        expect(readProjectorMetadata(writeProjectorMetadata(records))).toEqual(records);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('refuses uneven rows', () => {
    expect(() => writeProjectorMetadata([{ a: 1 }, { b: 1 }])).toThrow('row 1: expected the columns a as in row 0');
    expect(() => writeProjectorMetadata(['a', { b: 1 }] as never)).toThrow('row 1: expected a string as in row 0');
    expect(() => readProjectorMetadata('a\tb\n1\n')).toThrow('line 2: expected 2 columns as in line 1, got 1');
    expect(() => readProjectorMetadata('a\\q\n')).toThrow('line 1: expected \\n, \\t');
    expect(() => readProjectorMetadata('a\\')).toThrow('Double the backslash');
  });
});
