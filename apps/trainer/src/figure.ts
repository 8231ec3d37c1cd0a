/** A number as a reader wants it: four significant digits, whole numbers whole. */
export const figure = (value: number): string =>
  Number.isInteger(value) ? String(value) : Number(value.toPrecision(5)).toString();
