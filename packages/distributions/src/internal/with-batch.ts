import type { Distribution, Shape } from '../distribution.ts';
import { sameShape } from './shape.ts';

/** `d` over just this batch, to which its own broadcasts: itself where it is the same. Inside a tidy. */
export const withBatch = <E extends Shape>(d: Distribution<E>, batchShape: Shape): Distribution<E> =>
  sameShape(d.batchShape, batchShape) ? d : d.expand(batchShape);
