import { decodeUtf32, encodeUtf32, padBytes, unpad } from '@proj/tokun';

const bytes = encodeUtf32('né 😀');
console.log(bytes.join(' '));

const tokens = padBytes(bytes, 64); // whole tokens of 16 characters
console.log(tokens.length, unpad(decodeUtf32(tokens)));

// Bytes that a network got wrong cost one character each, and never shift the rest.
console.log(decodeUtf32(new Uint8Array([0, 0, 0, 65, 255, 255, 255, 255, 0, 0, 0, 66])));
