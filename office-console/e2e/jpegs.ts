// Small real JPEG files, byte by byte, honest and otherwise.
// Refuses libraries: what a test says about segments it wrote itself.

/** A marker with its length and its bytes. */
export function segment(marker: number, body: readonly number[]): Buffer {
  const length = body.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 0xff, ...body]);
}

/** One grey square; every block is its two shortest codes, two zero bits. */
export function jpeg(width = 64, height = 48): Buffer {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const bits = blocks * 2;
  const data = Buffer.alloc(Math.ceil(bits / 8));
  // What is left of the last byte is filled with ones.
  if (bits % 8 !== 0) data[data.length - 1] = (1 << (8 - (bits % 8))) - 1;
  const oneCode = [1, ...Array<number>(15).fill(0), 0];
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xdb, [0, ...Array<number>(64).fill(8)]),
    segment(0xc0, [8, height >> 8, height & 0xff, width >> 8, width & 0xff, 1, 1, 0x11, 0]),
    segment(0xc4, [0x00, ...oneCode]),
    segment(0xc4, [0x10, ...oneCode]),
    segment(0xda, [1, 1, 0x00, 0, 63, 0]),
    data,
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** The same picture with one more segment at its start. */
export function withSegment(picture: Buffer, extra: Buffer): Buffer {
  return Buffer.concat([picture.subarray(0, 2), extra, picture.subarray(2)]);
}

/** Without the segments that a browser writes and a citizen's page takes out. */
export function withoutMarks(picture: Buffer): Buffer {
  const parts = [picture.subarray(0, 2)];
  let at = 2;
  while (picture[at] === 0xff && picture[at + 1] !== 0xda) {
    const end = at + 2 + picture.readUInt16BE(at + 2);
    const marker = picture[at + 1] ?? 0;
    if (marker < 0xe0 || marker > 0xef) parts.push(picture.subarray(at, end));
    at = end;
  }
  return Buffer.concat([...parts, picture.subarray(at)]);
}
