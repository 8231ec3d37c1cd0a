import { zipSync } from 'fflate';
import { DataError } from '../data-error.ts';
import { crc32 } from '../internal/crc32.ts';
import { inflateWithin } from '../internal/inflate.ts';
import { bytesText } from '../internal/shape.ts';
import { looksLike } from '../internal/signature.ts';

const END = 22; // bytes of the record at the end, without its comment
const MAX_COMMENT = 65_535;
const EPOCH = '1980-01-01T00:00:00'; // the first time that a zip can hold: same members, same bytes

interface Member {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly at: number;
}

/** A zip archive: its members unpack one by one, when asked for. */
export class ZipArchive {
  private readonly view: DataView;
  private readonly members: ReadonlyMap<string, Member>;
  private left: number;

  /** `maxBytes`: of all members that are read, once unpacked. @throws DataError if it is no whole zip archive. */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly name: string,
    private readonly maxBytes: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.left = maxBytes;
    this.members = this.readDirectory();
  }

  get names(): string[] {
    return [...this.members.keys()];
  }

  /** @throws DataError if it is not there, is damaged, or is larger than may be. */
  read(member: string): Uint8Array {
    const found = this.members.get(member);
    if (found === undefined) {
      const names = this.names.slice(0, 5).join(', ') || 'nothing';
      throw new DataError(`${this.name}: expected ${member} in it, found ${names}. Save it again with model.save().`);
    }
    const { bytes, name } = this;
    const { method, encrypted, packed, size, crc, at } = found;
    const damaged = (how: string) =>
      new DataError(`${name}: ${member} in it is damaged (${how}). Fetch the file again.`);
    if (encrypted || (method !== 0 && method !== 8)) {
      const how = encrypted ? 'encrypted' : `packed by method ${method}`;
      throw new DataError(`${name}: ${member} is ${how}, expected it stored or deflated. Pack it again.`);
    }
    if (size > this.left) {
      throw new DataError(
        `${name}: ${member} unpacks to ${bytesText(size)}, more than the ${bytesText(this.maxBytes)} that an archive of ${bytesText(bytes.length)} may hold. If you trust it, raise maxBytes.`,
      );
    }
    this.left -= size;
    if (at + 30 > bytes.length || this.view.getUint32(at, true) !== 0x04034b50) throw damaged('its header is missing');
    const start = at + 30 + this.view.getUint16(at + 26, true) + this.view.getUint16(at + 28, true);
    if (start + packed > bytes.length) throw damaged('it ends behind the file');
    const data = bytes.subarray(start, start + packed);
    const unpacked = method === 0 ? data : inflated(data, size, damaged);
    if (unpacked.length !== size) throw damaged(`${bytesText(unpacked.length)}, expected ${bytesText(size)}`);
    if (crc32(unpacked) !== crc) throw damaged('its checksum is another');
    return unpacked;
  }

  private readDirectory(): Map<string, Member> {
    const { bytes, view } = this;
    const end = this.findEnd();
    const count = view.getUint16(end + 10, true);
    const members = new Map<string, Member>();
    let at = view.getUint32(end + 16, true);
    for (let i = 0; i < count; i++) {
      if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) throw this.damaged();
      const [nameSize, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
      const next = at + 46 + nameSize! + extra! + comment!;
      if (next > bytes.length) throw this.damaged();
      const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameSize!));
      members.set(name, {
        name,
        encrypted: (view.getUint16(at + 8, true) & 1) === 1,
        method: view.getUint16(at + 10, true),
        crc: view.getUint32(at + 16, true),
        packed: view.getUint32(at + 20, true),
        size: view.getUint32(at + 24, true),
        at: view.getUint32(at + 42, true),
      });
      at = next;
    }
    return members;
  }

  /** Where the record at the end begins. */
  private findEnd(): number {
    const { bytes, view } = this;
    if (bytes.length >= 4 && view.getUint32(0, true) !== 0x04034b50) {
      throw new DataError(
        `${this.name}: expected a .keras archive, got ${looksLike(bytes)}. Give a file that Keras 3 saved.`,
      );
    }
    for (let at = bytes.length - END; at >= Math.max(0, bytes.length - END - MAX_COMMENT); at--) {
      if (view.getUint32(at, true) === 0x06054b50) return at;
    }
    throw this.damaged();
  }

  private damaged(): DataError {
    return new DataError(`${this.name}: the directory of the zip archive is missing or damaged. Fetch the file again.`);
  }
}

function inflated(data: Uint8Array, size: number, damaged: (how: string) => DataError): Uint8Array {
  try {
    return inflateWithin(data, size, 'raw');
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error));
  }
}

/** A zip archive whose members are stored as they are. */
export function writeZip(members: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(members).map(([name, data]) => [name, [data, {}]])), {
    level: 0,
    mtime: EPOCH,
  });
}
