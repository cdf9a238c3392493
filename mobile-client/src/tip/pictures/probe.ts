// Whether this browser's canvas gives back the pixels that were put in. Some add noise that marks the browser.
// Refuses to trust a canvas that changed a single value.

const PIXELS = [12, 200, 77, 255, 240, 3, 131, 255] as const;

export function isCanvasHonest(): boolean {
  const canvas = document.createElement('canvas');
  canvas.width = PIXELS.length / 4;
  canvas.height = 1;
  const context = canvas.getContext('2d');
  if (context === null) return false;
  context.putImageData(new ImageData(Uint8ClampedArray.from(PIXELS), canvas.width, 1), 0, 0);
  const found = context.getImageData(0, 0, canvas.width, 1).data;
  return PIXELS.every((value, index) => found[index] === value);
}
