import { axes, linearTicks, logTicks, lossRange, path, type Sample } from './curve.ts';

const namespace = 'http://www.w3.org/2000/svg';

/** Draws both losses over the steps; colours and strokes are the style sheet's. */
export function drawCurve(svg: SVGSVGElement, trained: readonly Sample[], tested: readonly Sample[]): void {
  const { clientWidth: width, clientHeight: height } = svg;
  if (width === 0 || height === 0) return;
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const box = { left: 34, right: width - 6, top: 8, bottom: height - 20 };
  const last = Math.max(trained.at(-1)?.step ?? 0, tested.at(-1)?.step ?? 0);
  const range = lossRange([...trained, ...tested]);
  const scale = axes(box, last, range);

  const add = (name: string, attributes: Record<string, string | number>, text = '') => {
    const element = document.createElementNS(namespace, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    element.textContent = text;
    return element;
  };
  const drawing = document.createDocumentFragment();
  for (const tick of logTicks(range)) {
    const y = scale.y(tick);
    drawing.append(
      add('line', { class: 'grid', x1: box.left, x2: box.right, y1: y, y2: y }),
      add('text', { class: 'tick', x: box.left - 6, y: y + 3.5, 'text-anchor': 'end' }, String(tick)),
    );
  }
  for (const tick of linearTicks(last, Math.max(1, Math.min(4, Math.floor(width / 70))))) {
    const x = scale.x(tick);
    const anchor = tick === 0 ? 'start' : x > width - 24 ? 'end' : 'middle';
    drawing.append(
      add(
        'text',
        { class: 'tick', x, y: height - 5, 'text-anchor': anchor },
        tick === 0 ? 'step 0' : tick.toLocaleString('en'),
      ),
    );
  }
  drawing.append(add('path', { class: 'train', d: path(trained, scale) }));
  drawing.append(add('path', { class: 'test', d: path(tested, scale) }));
  const end = tested.at(-1);
  if (end) drawing.append(add('circle', { class: 'end', cx: scale.x(end.step), cy: scale.y(end.loss), r: 3 }));
  svg.replaceChildren(drawing);

  const now = trained.at(-1);
  const label = now ? `Loss curve: ${now.loss.toFixed(0)} nats per image after ${now.step} steps` : 'Loss curve: empty';
  svg.setAttribute('aria-label', label);
}
