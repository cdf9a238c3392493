// The camera inside the page: small phones kill the browser when the system's camera app opens.
// Refuses to keep the camera on when nobody looks through it.

export type Opened =
  | { readonly is: 'open'; readonly stream: MediaStream }
  | { readonly is: 'denied' }
  | { readonly is: 'none' };

const WANTED: MediaStreamConstraints = {
  audio: false,
  video: { facingMode: { ideal: 'environment' }, width: { ideal: 1920 }, height: { ideal: 1440 } },
};

export async function openCamera(): Promise<Opened> {
  if (!('mediaDevices' in navigator)) return { is: 'none' };
  try {
    return { is: 'open', stream: await navigator.mediaDevices.getUserMedia(WANTED) };
  } catch (error) {
    const denied =
      error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'SecurityError');
    return denied ? { is: 'denied' } : { is: 'none' };
  }
}

export function closeCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** The frame that the person sees, in full. Null while the camera has not given any. */
export async function snap(video: HTMLVideoElement): Promise<Blob | null> {
  const { videoWidth: width, videoHeight: height } = video;
  if (width === 0 || height === 0) return null;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.92));
}
