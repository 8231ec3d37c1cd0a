/** Number of elements of a shape; the product may leave the safe integers, which the caller checks. */
export function elements(shape: readonly number[]): number {
  let product = 1;
  for (const size of shape) product *= size;
  return product;
}

/** @throws RangeError if the shape is not natural numbers whose product is the length of the data. */
export function checkShape(who: string, length: number, shape: readonly number[]): void {
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new RangeError(`${who}: a shape is natural numbers, got [${shape}].`);
  }
  if (elements(shape) !== length) {
    throw new RangeError(`${who}: shape [${shape}] holds ${elements(shape)} values, got ${length}. Mend the shape.`);
  }
}

/** 1234567 -> '1,234,567', the same in every locale. */
export function grouped(count: number | bigint): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Bytes as a reader says them: '1 byte', '9,912,422 bytes'. */
export function bytesText(count: number | bigint): string {
  return `${grouped(count)} ${Number(count) === 1 ? 'byte' : 'bytes'}`;
}
