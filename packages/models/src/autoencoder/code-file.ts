/**
 * Codes of images as a file of one byte a coordinate.
 *
 *   offset  bytes  content, little-endian
 *   0       8      "PROJCODE"
 *   8       2      version, 1
 *   10      2      Z, coordinates in a code
 *   12      4      N, codes
 *   16      8 Z    for every axis: smallest and largest value, float32
 *   16+8Z   N Z    q, row after row; the coordinate is smallest + q / 255 (largest - smallest)
 *
 * 10,000 images with two coordinates each take 20,000 bytes and a header of 32.
 */
export interface Codes {
  readonly data: Float32Array; // [N, Z], row-major
  readonly shape: readonly [count: number, latent: number];
}

const MAGIC = 'PROJCODE';
const VERSION = 1;
const FIXED_HEADER = 16;
const LEVELS = 255;

/** @throws RangeError if data and shape disagree, or a coordinate is not finite. */
export function writeCodes({ data, shape: [count, latent] }: Codes): Uint8Array {
  const fits = count >= 0 && count <= 0xffffffff && latent > 0 && latent <= 0xffff;
  if (!fits || data.length !== count * latent) {
    throw new RangeError(
      `writeCodes: shape must be [N, Z] with N times Z values and Z at least 1, got [${count}, ${latent}] and ${data.length} values.`,
    );
  }
  const header = FIXED_HEADER + 8 * latent;
  const bytes = new Uint8Array(header + data.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < MAGIC.length; i++) bytes[i] = MAGIC.charCodeAt(i);
  view.setUint16(8, VERSION, true);
  view.setUint16(10, latent, true);
  view.setUint32(12, count, true);
  for (let axis = 0; axis < latent; axis++) {
    const { smallest, largest } = range(data, axis, latent);
    view.setFloat32(FIXED_HEADER + 8 * axis, smallest, true);
    view.setFloat32(FIXED_HEADER + 8 * axis + 4, largest, true);
    const scale = largest > smallest ? LEVELS / (largest - smallest) : 0;
    for (let i = axis; i < data.length; i += latent) {
      bytes[header + i] = Math.round(((data[i] as number) - smallest) * scale);
    }
  }
  return bytes;
}

/** @throws RangeError if the bytes are not such a file, or not all of it. */
export function readCodes(bytes: Uint8Array): Codes {
  const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC) {
    throw new RangeError(`readCodes: not a code file: it must start with "${MAGIC}". Make one with writeCodes.`);
  }
  if (bytes.length < FIXED_HEADER) throw truncated(bytes.length, FIXED_HEADER);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint16(8, true);
  if (version !== VERSION) {
    throw new RangeError(`readCodes: version ${VERSION} expected, got ${version}. Read it with a newer release.`);
  }
  const latent = view.getUint16(10, true);
  const count = view.getUint32(12, true);
  if (latent === 0)
    throw new RangeError('readCodes: a code must have at least one coordinate, got 0. Write the file anew.');
  const header = FIXED_HEADER + 8 * latent;
  const expected = header + count * latent;
  if (bytes.length < expected) throw truncated(bytes.length, expected);
  if (bytes.length > expected) {
    throw new RangeError(`readCodes: ${expected} bytes expected, got ${bytes.length}. Cut off what follows the codes.`);
  }
  const data = new Float32Array(count * latent);
  for (let axis = 0; axis < latent; axis++) {
    const smallest = view.getFloat32(FIXED_HEADER + 8 * axis, true);
    const step = (view.getFloat32(FIXED_HEADER + 8 * axis + 4, true) - smallest) / LEVELS;
    for (let i = axis; i < data.length; i += latent) data[i] = smallest + step * (bytes[header + i] as number);
  }
  return { data, shape: [count, latent] };
}

function range(data: Float32Array, axis: number, latent: number): { smallest: number; largest: number } {
  if (data.length === 0) return { smallest: 0, largest: 0 };
  let smallest = Infinity;
  let largest = -Infinity;
  for (let i = axis; i < data.length; i += latent) {
    const value = data[i] as number;
    if (!Number.isFinite(value)) {
      const where = `code ${(i - axis) / latent}, coordinate ${axis}`;
      throw new RangeError(
        `writeCodes: every coordinate must be finite, got ${value} at ${where}. Did training diverge?`,
      );
    }
    smallest = Math.min(smallest, value);
    largest = Math.max(largest, value);
  }
  return { smallest, largest };
}

const truncated = (got: number, expected: number): RangeError =>
  new RangeError(`readCodes: the file is cut off: ${expected} bytes expected, got ${got}. Copy it again.`);
