import { extent, toPixels } from './plane.ts';

/** Draws the plane: rings of the prior at 1, 2 and 3 standard deviations, the axes, and every code as its digit. */
export function drawCodes(canvas: HTMLCanvasElement, codes: Float32Array, labels: Uint8Array): void {
  const size = canvas.clientWidth;
  const scale = devicePixelRatio || 1;
  if (size === 0) return;
  const width = Math.round(size * scale);
  if (canvas.width !== width) {
    canvas.width = width;
    canvas.height = width;
  }
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const context = canvas.getContext('2d')!;
  context.setTransform(width / size, 0, 0, width / size, 0, 0);
  context.clearRect(0, 0, size, size);

  context.strokeStyle = colour('--grid');
  context.lineWidth = 1;
  context.beginPath();
  for (const deviation of [1, 2, 3]) {
    const radius = (deviation / (2 * extent)) * size;
    context.moveTo(size / 2 + radius, size / 2);
    context.arc(size / 2, size / 2, radius, 0, 2 * Math.PI);
  }
  context.moveTo(0, size / 2);
  context.lineTo(size, size / 2);
  context.moveTo(size / 2, 0);
  context.lineTo(size / 2, size);
  context.stroke();

  context.font = `600 ${size < 420 ? 9 : 11}px ${style.fontFamily}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (let digit = 0; digit < 10; digit += 1) {
    context.fillStyle = colour(`--digit-${digit}`);
    for (let i = 0; i < labels.length && 2 * i + 1 < codes.length; i += 1) {
      if (labels[i] !== digit) continue;
      const { x, y } = toPixels({ x: codes[2 * i]!, y: codes[2 * i + 1]! }, size);
      context.fillText(String(digit), x, y);
    }
  }

  context.font = `10px ${style.fontFamily}`;
  context.textAlign = 'left';
  context.textBaseline = 'bottom';
  context.fillStyle = colour('--muted');
  context.strokeStyle = colour('--panel');
  context.lineWidth = 3;
  for (const deviation of [1, 2, 3]) {
    const { x, y } = toPixels({ x: deviation, y: 0 }, size);
    context.strokeText(`${deviation}σ`, x + 3, y - 2); // a halo: codes may lie under it
    context.fillText(`${deviation}σ`, x + 3, y - 2);
  }
}
