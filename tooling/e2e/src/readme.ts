/** A ts block of a README, and the block after it: what running it prints. */
export interface Snippet {
  code: string;
  output: string;
}

/** The first, second ... ts block that a README has: `which` counts from 0. @throws Error if it or the block after it is missing. */
export function readmeSnippet(readme: string, which = 0): Snippet {
  const blocks = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, body]) => ({ language, body }));
  const snippets = blocks.flatMap(({ language }, at) => (language === 'ts' ? [at] : []));
  const at = snippets[which] ?? blocks.length;
  const code = blocks[at]?.body;
  const output = blocks[at + 1]?.body;
  if (code === undefined || output === undefined) {
    throw new Error(
      `README: expected ${which + 1} or more \`\`\`ts blocks with a snippet, each followed by a block with its output, got ` +
        `${snippets.length} ts of ${blocks.length} blocks.`,
    );
  }
  return { code, output };
}

/** What the README's first `npm install` line installs. @throws Error if there is none. */
export function readmeInstall(readme: string): string[] {
  const line = /^npm (?:install|i) (.+)$/m.exec(readme)?.[1];
  if (line === undefined) throw new Error('README: expected a line `npm install ...`.');
  return line.trim().split(/\s+/);
}
