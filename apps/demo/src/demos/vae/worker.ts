import '@tensorflow/tfjs-layers'; // registers the gradients
import { startWasm } from '../../start-wasm.ts';
import type { Report, Request } from './protocol.ts';
import { VaeDemo } from './vae.ts';

const post = (report: Report) => postMessage(report);

async function open(): Promise<VaeDemo> {
  const name = await startWasm();
  const demo = new VaeDemo(post);
  await demo.open(name);
  return demo;
}

function obey(demo: VaeDemo, request: Request): Promise<void> {
  switch (request.type) {
    case 'train':
      return demo.start(request.learningRate);
    case 'pause':
      return demo.pause();
    case 'reset':
      return demo.reset();
    case 'decode':
      return demo.decode(request.z);
  }
}

const demo = open();
const fail = (error: unknown) =>
  post({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
demo.catch(fail);
addEventListener('message', ({ data }: MessageEvent<Request>) => {
  demo.then((ready) => obey(ready, data)).catch(fail);
});
