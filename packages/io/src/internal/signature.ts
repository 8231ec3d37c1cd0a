const SIGNATURES: readonly (readonly [name: string, start: readonly number[]])[] = [
  ['a gzip file', [0x1f, 0x8b]],
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47]],
  ['a JPEG picture', [0xff, 0xd8, 0xff]],
  ['a GIF picture', [0x47, 0x49, 0x46, 0x38]],
  ['a zip archive (npz, keras, docx ...)', [0x50, 0x4b, 0x03, 0x04]],
  ['a NumPy .npy file', [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]],
  ['an HDF5 file', [0x89, 0x48, 0x44, 0x46]],
  ['a PDF', [0x25, 0x50, 0x44, 0x46]],
  ['a Python pickle', [0x80, 0x02]],
  ['a Python pickle', [0x80, 0x04]],
  ['a bzip2 file', [0x42, 0x5a, 0x68]],
  ['an xz file', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
];

/** True if the bytes begin as gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** What a foreign file looks like, from its first bytes, for the error message. */
export function looksLike(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  for (const [name, start] of SIGNATURES) {
    if (start.every((byte, i) => bytes[i] === byte)) return name;
  }
  const head = bytes.subarray(0, 64);
  const text = String.fromCharCode(...head).trimStart();
  if (/^<(!doctype|html|\?xml)/i.test(text)) return 'a web page';
  const printable = head.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte !== 127));
  if (printable) return /^[[{]/.test(text) ? 'JSON or other text' : 'text';
  return `bytes ${[...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
}
