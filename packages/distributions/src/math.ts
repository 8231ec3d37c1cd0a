export type { Numbers } from './internal/differentiable.ts';
export { betainc } from './math/beta.ts';
export { digamma, gammainc, gammaincc, lbeta, lgamma, polygamma } from './math/gamma.ts';
export { logSoftmax, logSumExp } from './math/log-sum-exp.ts';
export { expm1, log1p, xlog1py, xlogy } from './math/log1p.ts';
export { erfinv, logNdtr, ndtr, ndtri } from './math/normal.ts';
export { log1mexp, logAddExp, softplus, softplusInverse } from './math/softplus.ts';
