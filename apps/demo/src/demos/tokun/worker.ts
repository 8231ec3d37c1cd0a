import { startWasm } from '../../start-wasm.ts';
import type { Report, Request } from './protocol.ts';
import { TokunDemo } from './tokun.ts';
import weights from './weights/tokun.safetensors?url';

const post = (report: Report) => postMessage(report);

async function open(): Promise<TokunDemo> {
  const [engine, file] = await Promise.all([startWasm(), fetched(weights)]);
  const demo = new TokunDemo(file);
  post({ type: 'ready', engine, params: demo.params });
  return demo;
}

async function fetched(address: string): Promise<Uint8Array> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`The weights could not be loaded: ${address} answers ${answer.status}.`);
  return new Uint8Array(await answer.arrayBuffer());
}

const demo = open();
const fail = (error: unknown) =>
  post({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
demo.catch(fail);
addEventListener('message', ({ data }: MessageEvent<Request>) => {
  demo.then(async (ready) => post({ type: 'shown', shown: await ready.show(data) })).catch(fail);
});
