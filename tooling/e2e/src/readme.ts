/** The first ts block of a README, and the block after it: what running it prints. */
export interface Snippet {
  code: string;
  output: string;
}

/** @throws Error if the README has no ts block, or no block after it. */
export function readmeSnippet(readme: string): Snippet {
  const blocks = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, body]) => ({ language, body }));
  const first = blocks.findIndex(({ language }) => language === 'ts');
  const code = blocks[first]?.body;
  const output = blocks[first + 1]?.body;
  if (code === undefined || output === undefined) {
    throw new Error('README: expected a ```ts block with the snippet and, after it, a block with the output.');
  }
  return { code, output };
}

/** What the README's first `npm install` line installs. @throws Error if there is none. */
export function readmeInstall(readme: string): string[] {
  const line = /^npm (?:install|i) (.+)$/m.exec(readme)?.[1];
  if (line === undefined) throw new Error('README: expected a line `npm install ...`.');
  return line.trim().split(/\s+/);
}
