export { Bernoulli } from './bernoulli.ts';
export { Distribution, type SampleOptions, type Shape } from './distribution.ts';
export { Independent } from './independent.ts';
export { klDivergence } from './kl-divergence.ts';
export { Normal } from './normal.ts';
export { standardLogistic, standardNormal, standardUniform } from './standard.ts';
