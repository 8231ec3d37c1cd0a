/** SHA-256 of an array's bytes, in hexadecimal: not one bit of the array may differ. In Node and in browsers. */
export async function sha256(draws: Uint32Array | Float32Array): Promise<string> {
  const bytes = new Uint8Array(draws.buffer as ArrayBuffer, draws.byteOffset, draws.byteLength);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
