const FAULTS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk; free some or choose another place',
  EFBIG: 'the file is too large for this disk or for your limits; choose another place',
  EIO: 'the disk fails; choose another place',
  EDQUOT: 'your disk quota is used up; free some or choose another place',
  EACCES: 'permission denied; choose another place or change its permissions',
  EPERM: 'permission denied; choose another place or change its permissions',
  EROFS: 'the disk is read-only; choose another place',
  ENOENT: 'no such file or folder; check the path',
  EISDIR: 'it is a folder; give the name of a file',
  ENOTDIR: 'a part of the path is a file, not a folder; check the path',
  EEXIST: 'a file of that name is in the way; choose another place',
  ENAMETOOLONG: 'the name is too long; choose a shorter one',
  EMFILE: 'too many files are open; close some programs',
};

/** What went wrong with a file, in words of a user, and what to do. No full stop. */
export function fileFault(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && FAULTS[code] !== undefined) return `${FAULTS[code]} (${code})`;
  return String(error instanceof Error ? error.message : error).replace(/\s+/g, ' ');
}
