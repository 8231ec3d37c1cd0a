/** Little-endian bytes that grow as they are written. */
export class ByteWriter {
  private buffer = new Uint8Array(1024);
  private view = new DataView(this.buffer.buffer);
  private at = 0;

  /** Where the next byte goes. */
  get length(): number {
    return this.at;
  }

  seek(at: number): void {
    this.at = at;
  }

  /** Zeros. */
  skip(count: number): void {
    this.room(count);
    this.at += count;
  }

  /** Zeros to a multiple of `size`. */
  pad(size: number): void {
    this.skip((size - (this.at % size)) % size);
  }

  u16(value: number): void {
    this.room(2);
    this.view.setUint16(this.at, value, true);
    this.at += 2;
  }

  u32(value: number): void {
    this.room(4);
    this.view.setUint32(this.at, value, true);
    this.at += 4;
  }

  u64(value: number | bigint): void {
    this.room(8);
    this.view.setBigUint64(this.at, BigInt(value), true);
    this.at += 8;
  }

  text(ascii: string): void {
    this.bytes([...ascii].map((letter) => letter.charCodeAt(0)));
  }

  bytes(values: ArrayLike<number>): void {
    this.room(values.length);
    this.buffer.set(values, this.at);
    this.at += values.length;
  }

  /** A copy of what was written, up to `end`. */
  whole(end = this.at): Uint8Array {
    return this.buffer.slice(0, end);
  }

  private room(count: number): void {
    const needed = this.at + count;
    if (needed <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.buffer.length));
    larger.set(this.buffer);
    this.buffer = larger;
    this.view = new DataView(larger.buffer);
  }
}
