import type { Shown } from './protocol.ts';
import { type Run, type TokenCharacter, tokensOf } from './tokens.ts';

/** Standard deviations at which a strip has its full colour. */
const full = 2.5;

/** A card a token: its vector as a strip, its characters with their bytes and what they came back as. */
export function drawTokens(list: HTMLElement, shown: Shown): void {
  const tokens = tokensOf(shown);
  const width = shown.vectors.length / Math.max(1, tokens.length);
  while (list.children.length > tokens.length) list.lastElementChild!.remove();
  while (list.children.length < tokens.length) list.append(emptyCard());
  const style = getComputedStyle(list);
  const colours = ['--panel', '--below', '--above'].map((name) => style.getPropertyValue(name).trim());
  tokens.forEach((characters, i) => {
    const card = list.children[i] as HTMLElement;
    card.className = characters.every(({ right }) => right) ? 'token' : 'token wrong';
    const canvas = card.querySelector('canvas')!;
    canvas.width = width;
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    const [none, below, above] = colours.map((colour) => channels(context, colour));
    const image = context.createImageData(width, 1);
    for (let j = 0; j < width; j++) {
      const value = shown.vectors[i * width + j]!;
      const [t, colour] = [Math.min(1, Math.abs(value) / full), value < 0 ? below! : above!];
      for (let c = 0; c < 3; c++) image.data[4 * j + c] = Math.round(none![c]! + (colour[c]! - none![c]!) * t);
      image.data[4 * j + 3] = 255;
    }
    context.putImageData(image, 0, 0);
    card.querySelector('dl')!.replaceChildren(...characters.flatMap(row));
  });
}

/** The decoded text, with what is wrong marked. */
export function drawDecoded(element: HTMLElement, runs: readonly Run[]): void {
  element.replaceChildren(...runs.map(({ text, right }) => (right ? text : marked('mark', text))));
}

function emptyCard(): HTMLElement {
  const card = document.createElement('li');
  const canvas = document.createElement('canvas');
  canvas.height = 1;
  canvas.setAttribute('aria-hidden', 'true');
  card.append(canvas, document.createElement('dl'));
  return card;
}

function row({ glyph, bytes, padding, decoded, right }: TokenCharacter): HTMLElement[] {
  const character = marked('dt', glyph);
  const middle = marked('dd', bytes);
  middle.className = 'bytes';
  const back = document.createElement('dd');
  back.append(right ? decoded : marked('mark', decoded));
  const cells = [character, middle, back];
  if (padding) for (const cell of right ? cells : [character, middle]) cell.classList.add('padding');
  return cells;
}

function marked(name: 'mark' | 'dt' | 'dd', text: string): HTMLElement {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

/** Red, green and blue of any colour of the style sheet: a canvas gives it back as `#rrggbb`. */
function channels(context: CanvasRenderingContext2D, colour: string): number[] {
  context.fillStyle = colour;
  const text = String(context.fillStyle);
  return [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
}
