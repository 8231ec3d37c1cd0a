let table: Uint32Array | undefined;

/** The checksum of zip, gzip and PNG. */
export const crc32 = (bytes: Uint8Array): number => (updateCrc(0xffffffff, bytes) ^ 0xffffffff) >>> 0;

/** The same over pieces: begin with 0xffffffff, and turn the bits of what comes out. */
export function updateCrc(start: number, bytes: Uint8Array): number {
  table ??= crcTable();
  let crc = start;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return crc;
}

function crcTable(): Uint32Array {
  const rows = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    rows[i] = value;
  }
  return rows;
}
