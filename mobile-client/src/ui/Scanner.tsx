// Reads the QR code of an enrolment sheet with the browser's own detector.
// Refuses to bring a detector along: where the browser has none, the phone's camera opens the link just as well.

import { useEffect, useRef, useState } from 'preact/hooks';
import { closeCamera, openCamera } from '../capture/camera.ts';
import { t } from '../text/dictionary.ts';

interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}

const LOOK_EVERY_MS = 300;

export function Scanner({ onCode }: { readonly onCode: (text: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let stream: MediaStream | null = null;
    let timer: ReturnType<typeof setInterval> | undefined;
    let gone = false;
    const kind = (globalThis as { BarcodeDetector?: new (options: { formats: string[] }) => Detector })
      .BarcodeDetector;
    void openCamera().then((opened) => {
      if (opened.is !== 'open') return setFailed(true);
      if (gone || kind === undefined) {
        setFailed(true);
        return closeCamera(opened.stream);
      }
      stream = opened.stream;
      const detector = new kind({ formats: ['qr_code'] });
      const element = video.current;
      if (element === null) return;
      element.srcObject = stream;
      timer = setInterval(() => {
        // A frame that is not there yet has no code in it.
        if (element.readyState < element.HAVE_CURRENT_DATA) return;
        detector.detect(element).then(
          ([code]) => {
            if (code !== undefined) onCode(code.rawValue);
          },
          () => {
            // A detector in name only: phones without the system's services have one.
            setFailed(true);
            clearInterval(timer);
            closeCamera(opened.stream);
          },
        );
      }, LOOK_EVERY_MS);
    });
    return () => {
      gone = true;
      clearInterval(timer);
      if (stream !== null) closeCamera(stream);
    };
  }, []);
  if (failed) return <p role="alert">{t('enter.scan-failed')}</p>;
  return (
    <div class="viewfinder">
      <video ref={video} autoplay playsinline muted aria-label={t('camera.view')} />
      <p>{t('enter.scan-hint')}</p>
    </div>
  );
}
