/** The smallest normal float32, 2^-126. */
export const SMALLEST = 2 ** -126;

/** The largest float32 below 1. */
export const BELOW_ONE = 1 - 2 ** -24;

/** The largest finite float32. */
export const LARGEST = (2 - 2 ** -23) * 2 ** 127;
