import { MaskedConv2d, registerLayers } from '@proj/layers';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { layers, sequential } from '@tensorflow/tfjs-layers';

registerLayers(); // so that saved models with these layers load again

// With a kernel of ones, each pixel counts the earlier pixels that it sees.
const conv = new MaskedConv2d({
  filters: 1,
  kernelSize: 3,
  maskType: 'A',
  kernelInitializer: 'ones',
  inputShape: [3, 4, 1],
});
const model = sequential({ layers: [conv, layers.reshape({ targetShape: [3, 4] })] });
console.log(model.predict(tf.ones([1, 3, 4, 1])).toString());
console.log(`${conv.countLiveParams()} of ${conv.countParams()} parameters are live`);
