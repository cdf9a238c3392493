// Whether a JPEG says that it has to be turned.
// Refuses everything else that EXIF can say.

/** True unless the bytes carry an EXIF orientation other than "as it is". */
export function isUpright(buffer: ArrayBuffer): boolean {
  const view = new DataView(buffer);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return true;
  let at = 2;
  while (at + 4 <= view.byteLength) {
    const marker = view.getUint16(at);
    const length = view.getUint16(at + 2);
    if (marker === 0xffe1) return orientation(view, at + 4, Math.min(at + 2 + length, view.byteLength)) <= 1;
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda || length < 2) return true;
    at += 2 + length;
  }
  return true;
}

function orientation(view: DataView, start: number, end: number): number {
  if (start + 14 > end || view.getUint32(start) !== 0x45786966) return 0;
  const tiff = start + 6;
  const little = view.getUint16(tiff) === 0x4949;
  const table = tiff + view.getUint32(tiff + 4, little);
  if (table + 2 > end) return 0;
  const count = view.getUint16(table, little);
  for (let entry = 0; entry < count; entry += 1) {
    const at = table + 2 + entry * 12;
    if (at + 10 > end) return 0;
    if (view.getUint16(at, little) === 0x0112) return view.getUint16(at + 8, little);
  }
  return 0;
}
