import '@tensorflow/tfjs-backend-webgpu'; // a page has to import it; useEngine finds it then
