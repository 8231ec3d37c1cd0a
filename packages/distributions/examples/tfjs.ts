// What '@tensorflow/tfjs' is to the examples in this workspace, where only its parts are installed.
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients

export * from '@tensorflow/tfjs-core';
