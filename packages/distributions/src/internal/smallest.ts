/** The smallest normal float32. */
export const SMALLEST = 2 ** -126;
