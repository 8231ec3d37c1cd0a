export { padBytes, unpad } from './padding.ts';
export { decodeUtf32, encodeUtf32 } from './utf32.ts';
