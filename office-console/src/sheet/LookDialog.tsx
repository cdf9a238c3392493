// One record of a contact sheet, looked at by itself: every picture of it, what is known, and the decision.
// Refuses to stay open over a record that somebody else decided on.

import { useEffect, useState } from 'preact/hooks';
import { api, ask, type RejectReason, type Schemas, type Submission } from '../api/office.ts';
import { RejectPanel } from '../queue/RejectPanel.tsx';
import { useAssignment } from '../record/assignments.ts';
import { Checks, Twin } from '../record/Checks.tsx';
import { Facts } from '../record/Facts.tsx';
import { Pager } from '../record/Pager.tsx';
import { PhotoView } from '../record/PhotoView.tsx';
import { Required } from '../record/Required.tsx';
import { text } from '../text/text.ts';
import { Dialog } from '../ui/Dialog.tsx';

export function LookDialog({
  submission,
  onClose,
  onDecided,
  onRefused,
}: {
  submission: Submission;
  onClose: () => void;
  onRefused: (failure: unknown) => void;
  onDecided: () => void;
}) {
  const [isRejecting, setRejecting] = useState(false);
  const [number, setNumber] = useState(0);
  useEffect(() => setNumber(0), [submission.id]);
  const assignment = useAssignment(submission.assignment_id);
  const photos = submission.photos.filter((each) => each.stored);
  const photo = photos[number];
  const send = async (body: Schemas['Review']) => {
    setRejecting(false);
    try {
      await ask(
        api.POST('/api/v1/submissions/{id}/reviews', { params: { path: { id: submission.id } }, body }),
      );
      onDecided();
    } catch (failure) {
      onRefused(failure);
    }
  };
  const { version } = submission;
  const reject = (reason: RejectReason, comment: string) =>
    void send({ decision: 'reject', reason, version, ...(comment === '' ? {} : { comment }) });
  return (
    <Dialog title={assignment?.place ?? text('queue.picture')} wide onClose={onClose}>
      <div class="look">
        <div class="look-photo">
          {photo !== undefined && (
            <div class="desk-photos">
              <PhotoView sha256={photo.sha256} label={text('queue.picture')} />
              <Twin submission={submission} photo={photo.sha256} />
            </div>
          )}
          <Pager
            number={number}
            count={photos.length}
            onTurn={(way) => setNumber((before) => (before + way + photos.length) % photos.length)}
          />
        </div>
        <div class="look-side">
          <Required cell={submission.cell} />
          <Checks submission={submission} />
          <Facts submission={submission} assignment={assignment} />
          <div class="decide">
            <button
              type="button"
              class="button verify"
              onClick={() => void send({ decision: 'verify', version })}
            >
              {text('queue.verify')}
            </button>
            <button type="button" class="button reject" onClick={() => setRejecting(true)}>
              {text('queue.reject')}
            </button>
          </div>
        </div>
      </div>
      {isRejecting && (
        <RejectPanel cell={submission.cell} onReject={reject} onClose={() => setRejecting(false)} />
      )}
    </Dialog>
  );
}
