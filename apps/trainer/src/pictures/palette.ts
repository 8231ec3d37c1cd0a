/** Ten colours that stay apart on white and on black, one a class: Paul Tol's "muted" and "bright" schemes, reordered. */
const COLOURS = [
  '#4477aa',
  '#ee6677',
  '#228833',
  '#ccbb44',
  '#66ccee',
  '#aa3377',
  '#ee7733',
  '#332288',
  '#44aa99',
  '#882255',
] as const;

export type Rgb = readonly [number, number, number];

/** Colour of a class; classes beyond ten take the colours again. */
export const classHex = (label: number): string => COLOURS[label % COLOURS.length]!;

export function classColour(label: number): Rgb {
  const hex = Number.parseInt(classHex(label).slice(1), 16);
  return [hex >> 16, (hex >> 8) & 255, hex & 255];
}
