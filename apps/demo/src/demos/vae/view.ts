import { drawCodes } from './codes-view.ts';
import { type Sample, thinned } from './curve.ts';
import { drawCurve } from './curve-view.ts';
import { drawPicture } from './picture-view.ts';
import { between, moved, nearestCode, signed, toLatent, toPixels } from './plane.ts';
import type { Point, Report, Request, State } from './protocol.ts';

const glideMs = 450; // codes move to their new places instead of jumping there
const announceMs = 600; // the point is read out once it rests

const caption: Record<State, string> = { fresh: 'Train', training: 'Pause', paused: 'Train', done: 'Train on' };
const spoken: Record<State, string> = {
  fresh: 'Untrained.',
  training: 'Training.',
  paused: 'Paused.',
  done: 'Finished.',
};

/** Wires the page to the worker. It holds what is shown, the worker all that is computed. */
export function connect(page: Document, worker: Worker): void {
  const find = <T extends Element = HTMLElement>(id: string) => page.getElementById(id) as unknown as T;
  const ask = (request: Request) => worker.postMessage(request);
  const train = find<HTMLButtonElement>('train');
  const reset = find<HTMLButtonElement>('reset');
  const speed = find<HTMLSelectElement>('speed');
  const plane = find('plane');
  const marker = find('marker');
  const codesCanvas = find<HTMLCanvasElement>('codes');
  const picture = find<HTMLCanvasElement>('picture');
  const failure = find('failure');
  const neighbour = find<HTMLCanvasElement>('neighbour');
  const curve = find<SVGSVGElement>('curve');
  const number = new Intl.NumberFormat('en');
  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  plane.tabIndex = 0; // here and not in the page: without this script there is nothing to move

  let state: State = 'fresh';
  let point: Point = { x: 0, y: 0 };
  let labels = new Uint8Array();
  let images = new Uint8Array();
  let codes = new Float32Array(); // where they are drawn
  let origin = codes; // where they come from
  let goal = codes; // where they go
  let glideStart = 0;
  let pixels: Float32Array | undefined;
  let waiting = false; // a picture is being decoded
  let stale = false; // the point or the network has moved on since it was asked for
  let trained: readonly Sample[] = [];
  let tested: readonly Sample[] = [];

  const show = (id: string, text: string) => {
    find(id).textContent = text;
  };
  const announce = (text: string) => show('announcer', text);

  // The picture: at most one request is under way, and the last point wins.
  const decode = () => {
    if (waiting) {
      stale = true;
      return;
    }
    waiting = true;
    stale = false;
    ask({ type: 'decode', z: point });
  };
  const redrawPicture = () => {
    if (pixels) drawPicture(picture, (i) => pixels![i]!);
  };

  // The point
  const place = () => `(${signed(point.x)}, ${signed(point.y)})`;
  const describePoint = () => {
    show('point', place());
    const nearest = nearestCode(point, goal);
    if (nearest === undefined) return;
    show('nearest-label', `${labels[nearest]}`);
    drawPicture(neighbour, (i) => images[784 * nearest + i]! / 255);
  };
  let announcing: ReturnType<typeof setTimeout> | undefined;
  const placePoint = () => {
    const { x, y } = toPixels(point, plane.clientWidth);
    marker.style.transform = `translate(${x}px, ${y}px)`;
    describePoint();
  };
  const moveTo = (next: Point) => {
    point = next;
    placePoint();
    decode();
  };
  const follow = (event: PointerEvent) => {
    const box = plane.getBoundingClientRect();
    const position = { x: event.clientX - box.left - plane.clientLeft, y: event.clientY - box.top - plane.clientTop };
    moveTo(toLatent(position, plane.clientWidth));
  };
  plane.addEventListener('pointerdown', (event) => {
    plane.setPointerCapture(event.pointerId); // a finger may leave the square and still drag
    follow(event);
  });
  plane.addEventListener('pointermove', follow);
  plane.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = moved(point, event.key, event.shiftKey);
    if (!next) return;
    event.preventDefault();
    moveTo(next);
    clearTimeout(announcing);
    announcing = setTimeout(
      () => announce(`Point ${place()}, nearest test digit: ${find('nearest-label').textContent}.`),
      announceMs,
    );
  });

  // The codes
  const redrawCodes = () => drawCodes(codesCanvas, codes, labels);
  const glide = (now: number) => {
    const t = calm.matches ? 1 : Math.min(1, (now - glideStart) / glideMs);
    codes = between(origin, goal, t * (2 - t)) as Float32Array<ArrayBuffer>;
    redrawCodes();
    if (t < 1) requestAnimationFrame(glide);
  };
  const glideTo = (next: Float32Array) => {
    origin = codes;
    goal = next as Float32Array<ArrayBuffer>;
    glideStart = performance.now();
    requestAnimationFrame(glide);
  };

  // The curve
  const redrawCurve = () => drawCurve(curve, trained, tested);

  const setState = (next: State) => {
    if (next === 'fresh') {
      trained = [];
      tested = [];
      for (const id of ['epoch', 'step']) show(id, '0');
      for (const id of ['elbo', 'rate']) show(id, '–');
      redrawCurve();
    }
    if (next !== state) announce(spoken[next]);
    state = next;
    if (next !== 'paused') failure.hidden = true;
    train.textContent = caption[next];
    for (const control of [train, reset, speed]) control.disabled = false;
  };
  const start = () => ask({ type: 'train', learningRate: Number(speed.value) });
  train.addEventListener('click', () => (state === 'training' ? ask({ type: 'pause' }) : start()));
  reset.addEventListener('click', () => ask({ type: 'reset' }));
  speed.addEventListener('change', () => {
    if (state === 'training') start();
  });

  /** Training that failed can be reset; a worker that did not start is the end. */
  const fail = (message: string, final: boolean) => {
    failure.textContent = message;
    failure.hidden = false;
    if (!final) return;
    show('engine', 'none');
    for (const control of [train, reset, speed]) control.disabled = true;
  };

  const receive = (report: Report) => {
    switch (report.type) {
      case 'ready':
        labels = new Uint8Array(report.labels);
        images = new Uint8Array(report.images);
        show('engine', report.engine);
        start(); // a page about training ought to be training
        break;
      case 'state':
        setState(report.state);
        break;
      case 'progress':
        trained = thinned([...trained, { step: report.step, loss: report.loss }]);
        show('step', number.format(report.step));
        show('epoch', number.format(report.epoch));
        show('rate', number.format(Math.round(report.imagesPerSecond)));
        redrawCurve();
        break;
      case 'test':
        tested = thinned([...tested, { step: report.step, loss: report.loss }], 100);
        show('elbo', (-report.loss).toFixed(1).replace('-', '−'));
        if (report.epoch % 10 === 0) announce(`Epoch ${report.epoch}: test ELBO ${(-report.loss).toFixed(0)} nats.`);
        redrawCurve();
        break;
      case 'codes':
        glideTo(report.codes);
        describePoint();
        decode(); // the network has changed under the point
        break;
      case 'picture':
        pixels = report.pixels;
        waiting = false;
        redrawPicture();
        if (stale) decode();
        break;
      case 'failed':
        fail(report.message, labels.length === 0);
        break;
    }
  };
  worker.addEventListener('message', ({ data }: MessageEvent<Report>) => receive(data));
  worker.addEventListener('error', (event) =>
    fail(`The worker stopped: ${event.message || 'it could not be loaded'}.`, true),
  );

  const redraw = () => {
    placePoint();
    redrawCodes();
    redrawCurve();
    redrawPicture();
  };
  new ResizeObserver(redraw).observe(plane);
  new ResizeObserver(redrawCurve).observe(curve);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  redraw();
}
