const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' };
const PLAIN: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', t: '\t', r: '\r', e: '' };

/** A value on one line and in one cell: newline as \n, tab as \t, carriage return as \r, backslash doubled. */
export function escapeCell(value: string): string {
  return value.replace(/[\\\n\t\r]/g, (character) => ESCAPES[character]!);
}

/**
 * The same for a line that would be blank: the projector drops blank lines, and every later label would slip to its
 * neighbour. Nothing becomes \e, and the first blank its code, as in \u0020.
 */
export function escapeBlank(value: string): string {
  if (value === '') return '\\e';
  return `\\u${value.charCodeAt(0).toString(16).padStart(4, '0')}${value.slice(1)}`;
}

/** Undoes both. Undefined if a backslash begins nothing known. */
export function unescapeCell(cell: string): string | undefined {
  let known = true;
  const value = cell.replace(/\\(u[0-9a-f]{4}|.?)/gi, (_, code: string) => {
    if (/^u..../i.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    const plain = PLAIN[code];
    if (plain === undefined) known = false;
    return plain ?? '';
  });
  return known ? value : undefined;
}
