// The verification queue: a large picture, what is known about it beside it, and a decision by one key.
// Refuses to let two people decide unknowingly: who is at what is shown, and the next free one is taken.

import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useEvents } from '../api/events.ts';
import type { RejectReason } from '../api/office.ts';
import { preload } from '../api/photos.ts';
import { filters } from '../app/route.ts';
import { assignmentOf } from '../record/assignments.ts';
import { resetLook, turnPhoto, zoomBy } from '../record/PhotoView.tsx';
import { twinOf } from '../record/twin.ts';
import { text } from '../text/text.ts';
import { Failure } from '../ui/Notice.tsx';
import { Desk } from './Desk.tsx';
import { conflicts, decide, isGone, undo } from './decisions.ts';
import { Filters } from './Filters.tsx';
import { Help } from './Help.tsx';
import { Outbox } from './Outbox.tsx';
import { QueueList } from './QueueList.tsx';
import { Queue, type QueueFilter } from './queue.ts';
import { REASONS, RejectPanel } from './RejectPanel.tsx';
import { shortcuts, useShortcuts } from './shortcuts.ts';
import { useClaim } from './useClaim.ts';

/** How many records ahead are loaded. */
const AHEAD = 2;

export function QueueScreen() {
  const filter = readFilter();
  const key = JSON.stringify(filter);
  const queue = useMemo(() => new Queue(filter), [key]);
  const [panel, setPanel] = useState<'none' | 'reject' | 'help'>('none');
  const [photo, setPhoto] = useState(0);
  useEffect(() => {
    void queue.start();
    return () => queue.stop();
  }, [queue]);
  useEvents(useCallback((event) => queue.hear(event), [queue]));

  const present = queue.present;
  const index = queue.at.value;
  const items = queue.items.value;
  const photos = present?.photos.filter((each) => each.stored) ?? [];
  // The picture that has a twin comes first: the two are seen side by side.
  const suspect = present === null ? undefined : twinOf(present)?.photo;
  const begin = Math.max(
    0,
    photos.findIndex((each) => each.sha256 === suspect),
  );
  useEffect(() => setPhoto(begin), [present?.id, begin]);
  // What did not count is asked for anew, so that it can be decided at the version that stands.
  useEffect(() => {
    for (const { submission } of conflicts.value) void queue.refresh(submission.id);
  }, [queue, conflicts.value]);
  useEffect(() => {
    for (const ahead of items.slice(index + 1, index + 1 + AHEAD)) {
      const first = ahead.photos.find((each) => each.stored);
      if (first !== undefined) void preload(first.sha256);
      assignmentOf(ahead.assignment_id).catch(() => undefined);
    }
  }, [items, index]);
  const claim = useClaim(queue, present);

  const canDecide =
    present !== null && queue.elsewhere.value.get(present.id) === undefined && !isGone(present.id);
  const verify = () => {
    if (present === null || !canDecide) return;
    decide(present, { decision: 'verify', version: present.version });
    void queue.step(1);
  };
  // Whoever types R and a digit in one go is faster than the panel: the digit counts all the same.
  const isRejecting = useRef(false);
  isRejecting.current = panel === 'reject';
  const askWhy = () => {
    if (!canDecide) return;
    isRejecting.current = true;
    setPanel('reject');
  };
  const reject = (reason: RejectReason, comment: string) => {
    isRejecting.current = false;
    setPanel('none');
    if (present === null || !canDecide) return;
    const review = { decision: 'reject', reason, version: present.version } as const;
    decide(present, comment === '' ? review : { ...review, comment });
    void queue.step(1);
  };
  const takeBack = () => {
    const back = undo();
    if (back !== null) queue.show(back);
  };
  const turnPage = (way: number) =>
    setPhoto((before) => (photos.length === 0 ? 0 : (before + way + photos.length) % photos.length));

  const unlessRejecting = (act: () => unknown) => () => {
    if (!isRejecting.current) act();
  };
  useShortcuts(
    panel !== 'help',
    {
      ...digits((reason) => isRejecting.current && reject(reason, '')),
      v: unlessRejecting(verify),
      r: unlessRejecting(askWhy),
      n: unlessRejecting(() => void queue.step(1)),
      p: unlessRejecting(() => void queue.step(-1)),
      z: unlessRejecting(takeBack),
      '?': unlessRejecting(() => setPanel('help')),
      '+': () => zoomBy(1.5),
      '=': () => zoomBy(1.5),
      '-': () => zoomBy(1 / 1.5),
      '0': resetLook,
      t: turnPhoto,
      ArrowRight: () => turnPage(1),
      ArrowLeft: () => turnPage(-1),
    },
    shortcuts.value,
  );

  return (
    <div class="queue">
      <h1 class="visually-hidden">{text('nav.queue')}</h1>
      <Filters filter={filter} queue={queue} onHelp={() => setPanel('help')} />
      <div class="queue-body">
        <QueueList queue={queue} />
        {queue.error.value !== null && items.length === 0 ? (
          <Failure error={queue.error.value} retry={() => void queue.start()} />
        ) : (
          <Desk
            queue={queue}
            submission={present}
            photo={photos[photo] ?? photos[0] ?? null}
            photoNumber={photo}
            photoCount={photos.length}
            onPhoto={turnPage}
            claim={claim}
            canDecide={canDecide}
            onVerify={verify}
            onReject={askWhy}
          />
        )}
      </div>
      <Outbox onUndo={takeBack} />
      {panel === 'reject' && present !== null && (
        <RejectPanel cell={present.cell} onReject={reject} onClose={() => setPanel('none')} />
      )}
      {panel === 'help' && <Help onClose={() => setPanel('none')} />}
    </div>
  );
}

/** The digits of the reasons that need no words. */
function digits(act: (reason: RejectReason) => void): Record<string, () => void> {
  return Object.fromEntries(
    REASONS.flatMap((reason, index) => (reason === 'other' ? [] : [[String(index + 1), () => act(reason)]])),
  );
}

function readFilter(): QueueFilter {
  const read = (name: string) => filters.value.get(name) ?? '';
  return { commune: read('commune'), cell: read('cell'), check: read('check'), order: read('order') };
}
