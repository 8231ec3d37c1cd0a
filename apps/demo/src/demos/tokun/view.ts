import { drawPlane } from './plane-view.ts';
import type { Report, Request, Shown } from './protocol.ts';
import { runsOf } from './tokens.ts';
import { drawDecoded, drawTokens } from './tokens-view.ts';

const announceMs = 600; // figures are read out once they rest

/** Wires the page to the worker. It holds what is shown, the worker all that is computed. */
export function connect(page: Document, worker: Worker): void {
  const find = <T extends Element = HTMLElement>(id: string) => page.getElementById(id) as unknown as T;
  const text = find<HTMLTextAreaElement>('text');
  const sigma = find<HTMLInputElement>('sigma');
  const again = find<HTMLButtonElement>('again');
  const plane = find<HTMLCanvasElement>('plane');
  const tokens = find('tokens');
  const decoded = find('decoded');
  const failure = find('failure');
  const number = new Intl.NumberFormat('en');

  let seed = 0;
  let shown: Shown | undefined;
  let waiting = false; // a text is with the worker
  let stale = false; // something has changed since
  let announcing: ReturnType<typeof setTimeout> | undefined;

  const show = (id: string, value: string) => {
    find(id).textContent = value;
  };

  // At most one request is under way, and the last state of the page wins.
  const ask = () => {
    show('sigma-value', Number(sigma.value).toFixed(2));
    if (waiting) {
      stale = true;
      return;
    }
    waiting = true;
    stale = false;
    worker.postMessage({ text: text.value, sigma: Number(sigma.value), seed } satisfies Request);
  };

  const draw = () => {
    if (!shown) return;
    drawDecoded(decoded, runsOf(shown));
    drawTokens(tokens, shown);
    drawPlane(plane, shown);
  };

  const describe = ({ text: original, accuracy, bytes, tokenSize, milliseconds, shares }: Shown) => {
    const percent = percentage(accuracy);
    const characters = number.format(Array.from(original).length);
    show('accuracy', percent);
    show('characters', characters);
    show('count', number.format(bytes.length / tokenSize));
    show('time', milliseconds.toFixed(milliseconds < 10 ? 1 : 0));
    const [first, second] = shares.map((share) => `${Math.round(100 * share)} %`);
    show('shares', `principal components 1 and 2: ${first}, ${second} of variance`);
    clearTimeout(announcing);
    announcing = setTimeout(() => show('announcer', `${percent} of ${characters} characters right.`), announceMs);
  };

  const fail = (message: string) => {
    failure.textContent = message;
    failure.hidden = false;
    for (const control of [text, sigma, again]) control.disabled = true;
  };

  const receive = (report: Report) => {
    switch (report.type) {
      case 'ready':
        show('engine', report.engine);
        show('params', number.format(report.params));
        for (const control of [text, sigma, again]) control.disabled = false;
        break;
      case 'shown':
        shown = report.shown;
        waiting = false;
        describe(shown);
        draw();
        if (stale) ask();
        break;
      case 'failed':
        fail(report.message);
        break;
    }
  };
  worker.addEventListener('message', ({ data }: MessageEvent<Report>) => receive(data));
  worker.addEventListener('error', (event) =>
    fail(`The worker stopped: ${event.message || 'it could not be loaded'}.`),
  );

  text.addEventListener('input', ask);
  sigma.addEventListener('input', ask);
  again.addEventListener('click', () => {
    seed += 1;
    ask();
  });
  new ResizeObserver(draw).observe(plane);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  ask();
}

/** Rounded down, so that 100 % says that all is right. */
const percentage = (share: number) => `${Math.floor(1000 * share) / 10} %`;
