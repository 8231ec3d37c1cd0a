const side = 28;

/** Draws brightness in [0, 1], 28 x 28, as ink on paper in the canvas's own colours; the style sheet scales it up. */
export function drawPicture(canvas: HTMLCanvasElement, brightness: (pixel: number) => number): void {
  const style = getComputedStyle(canvas);
  const paper = channels(style.backgroundColor);
  const ink = channels(style.color);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const image = context.createImageData(side, side);
  for (let i = 0; i < side * side; i += 1) {
    const t = brightness(i);
    for (let c = 0; c < 3; c += 1) image.data[4 * i + c] = Math.round(paper[c]! + (ink[c]! - paper[c]!) * t);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** Red, green and blue of `rgb(r, g, b)`, the form of computed colours. */
const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
