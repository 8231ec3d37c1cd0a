import { compare, decodeUtf32, postprocess, preprocess } from '@proj/tokun';

const text = 'né 😀';
const bytes = preprocess(text); // whole tokens of 16 bytes: four characters, and zeros
console.log(bytes.length, bytes.subarray(0, 16).join(' '));
console.log(postprocess(bytes) === text);

// Bytes that a network got wrong cost one character each, and never shift the rest.
const wrong = bytes.slice();
wrong.fill(255, 4, 8);
const { charAccuracy, editDistance } = compare(text, decodeUtf32(wrong));
console.log(postprocess(wrong), charAccuracy, editDistance);
