import { DataError } from '../data-error.ts';
import { bytesText, grouped } from '../internal/shape.ts';

const UNDEFINED_ADDRESS = 0xffff_ffff_ffff_ffffn;

/**
 * The bytes of an HDF5 file, read with bounds, and what reading may cost: a damaged or hostile file may claim anything and
 * point anywhere, also at the same bytes again and again.
 */
export class FileBytes {
  private readonly view: DataView;
  private structure: number;
  private values: number;
  private work: number;

  /** `maxBytes`: of all values together, once unpacked. */
  constructor(
    readonly bytes: Uint8Array,
    readonly name: string,
    private readonly maxBytes: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.structure = 4 * bytes.length + 65_536;
    this.values = maxBytes;
    this.work = 4 * maxBytes + 2 ** 28;
  }

  fault(what: string): DataError {
    return new DataError(`${this.name}: ${what}. The HDF5 file is cut off or damaged; fetch it again.`);
  }

  /** For what the format has and this reader has not. */
  foreign(what: string, advice: string): DataError {
    return new DataError(`${this.name}: ${what}, which this reader does not know. ${advice}.`);
  }

  slice(at: number, length: number): Uint8Array {
    if (at + length > this.bytes.length) {
      throw this.fault(`it points at bytes ${grouped(at)} to ${grouped(at + length)} of ${grouped(this.bytes.length)}`);
    }
    return this.bytes.subarray(at, at + length);
  }

  u8(at: number): number {
    return this.slice(at, 1)[0]!;
  }

  u16(at: number): number {
    this.slice(at, 2);
    return this.view.getUint16(at, true);
  }

  u32(at: number): number {
    this.slice(at, 4);
    return this.view.getUint32(at, true);
  }

  /** A size or an offset of 8 bytes. */
  u64(at: number): number {
    this.slice(at, 8);
    const value = this.view.getBigUint64(at, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.fault(`it claims a size of ${grouped(value)}`);
    return Number(value);
  }

  /** An address, or undefined where the file says that there is nothing. */
  address(at: number): number | undefined {
    this.slice(at, 8);
    return this.view.getBigUint64(at, true) === UNDEFINED_ADDRESS ? undefined : this.u64(at);
  }

  expectSignature(at: number, signature: string): void {
    const found = String.fromCharCode(...this.slice(at, 4));
    if (found !== signature)
      throw this.fault(`expected ${signature} at byte ${grouped(at)}, got ${JSON.stringify(found)}`);
  }

  /** Counts bytes of structure that are looked at: a sound file holds each of them once. */
  spendStructure(bytes: number): void {
    this.structure -= bytes;
    if (this.structure < 0) throw this.fault('its parts overlap: they are larger together than the file');
  }

  /** Counts bytes of values before they are allocated. */
  spendValues(bytes: number, what: string): void {
    if (!(bytes <= this.values)) {
      throw new DataError(
        `${this.name}: ${what} takes ${bytesText(bytes)}, more than the ${bytesText(this.maxBytes)} that all values of a file of ${bytesText(this.bytes.length)} may take. If you trust it, raise maxBytes.`,
      );
    }
    this.values -= bytes;
  }

  /** Counts bytes that are unpacked, needed or not. */
  spendWork(bytes: number): void {
    this.work -= bytes;
    if (!(this.work >= 0)) throw this.fault('it unpacks to far more than it holds');
  }
}
