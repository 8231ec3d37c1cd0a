import type { Variant } from '../measure.ts';
import { bookPixelCnn } from './w4.ts';

const IMAGES = 10;

/** Ten images drawn from the model of W4 with random weights, pixel after pixel. */
export async function* w5(): AsyncGenerator<Variant> {
  const model = bookPixelCnn();
  let seed = 0;
  yield {
    name: 'ten images',
    amount: IMAGES,
    rateUnit: 'images/s',
    async run() {
      const images = await model.sample({ count: IMAGES, seed: seed++ });
      await images.data();
      images.dispose();
    },
    dispose: () => model.dispose(),
  };
}
