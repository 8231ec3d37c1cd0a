// Serves the built page on loopback until Ctrl-C. Plain JavaScript: tooling/run.mjs imports it in-process.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { preview } from 'vite';

const root = dirname(fileURLToPath(import.meta.url));
const host = '127.0.0.1';
const usage = 'usage: npm run -s demo -- [--port N]';

function fail(status, ...lines) {
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(status);
}

function readPort() {
  try {
    const { port } = parseArgs({ options: { port: { type: 'string', default: '4173' } } }).values;
    if (/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65535) return Number(port);
    fail(2, `demo: --port must be a whole number from 1 to 65535, got '${port}'. Omit it to use 4173.`, usage);
  } catch (error) {
    // parseArgs puts a hint after the first sentence.
    fail(2, `demo: ${error.message.split('. ')[0]}.`, usage);
  }
}

const port = readPort();
if (!existsSync(join(root, 'dist', 'index.html'))) {
  fail(1, `demo: nothing is built in ${join(root, 'dist')}. Start it with \`npm run -s demo\`, which builds it first.`);
}

// A port in use gives way to the next free one.
const server = await preview({
  root,
  configFile: false,
  logLevel: 'silent',
  preview: { host, port, strictPort: false, open: false },
});

process.once('SIGINT', async () => {
  server.httpServer.closeAllConnections(); // an open page keeps its connection alive
  await server.close();
  process.exit(0);
});
process.stdout.write(`Demo: http://${host}:${server.httpServer.address().port}/\n`);
