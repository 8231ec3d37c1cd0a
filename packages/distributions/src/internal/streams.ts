// Every draw comes from Threefry-2x32-20 with the key (low 32 bits, high 21 bits) of the seed. The counter is (block number,
// stream): each kind of draw has streams of its own, so one seed given to two kinds shares no word.
// A change of a stream or of a mapping changes what users' seeds mean: a breaking change.
export const BITS = 0;
export const SPLIT = 1 << 24;
export const FOLD = 2 << 24; // its low 21 bits are the high bits of `data`
export const PERMUTATION = 3 << 24;
export const UNIFORM = 4 << 24;
export const NORMAL = 5 << 24;
export const LOGISTIC = 6 << 24;
export const GUMBEL = 7 << 24;
export const EXPONENTIAL = 8 << 24;
// Of these three the block number is the element's index, and the low 24 bits are the number of the attempt.
export const GAMMA = 9 << 24;
export const POISSON = 10 << 24;
export const BINOMIAL = 11 << 24;
