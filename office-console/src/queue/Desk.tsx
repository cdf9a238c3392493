// What is decided on: the picture with its twin, the required text, warnings, facts, places, and the two buttons.
// Refuses to decide on what somebody else has decided meanwhile.

import type { Schemas, Submission } from '../api/office.ts';
import { address } from '../app/route.ts';
import { SmallMap } from '../map/SmallMap.tsx';
import { useAssignment } from '../record/assignments.ts';
import { Checks, Twin } from '../record/Checks.tsx';
import { Facts } from '../record/Facts.tsx';
import { Pager } from '../record/Pager.tsx';
import { PhotoView } from '../record/PhotoView.tsx';
import { Required } from '../record/Required.tsx';
import { text } from '../text/text.ts';
import { Notice } from '../ui/Notice.tsx';
import { decided } from './decisions.ts';
import type { Queue } from './queue.ts';
import type { ClaimState } from './useClaim.ts';

export function Desk({
  queue,
  submission,
  photo,
  photoNumber,
  photoCount,
  onPhoto,
  claim,
  canDecide,
  onVerify,
  onReject,
}: {
  queue: Queue;
  submission: Submission | null;
  photo: Schemas['Photo'] | null;
  photoNumber: number;
  photoCount: number;
  onPhoto: (way: number) => void;
  claim: ClaimState;
  canDecide: boolean;
  onVerify: () => void;
  onReject: () => void;
}) {
  const assignment = useAssignment(submission?.assignment_id ?? null);
  if (submission === null) return <NothingLeft queue={queue} />;
  const other = queue.claimOf(submission.id);
  const elsewhere = queue.elsewhere.value.get(submission.id);
  return (
    <>
      <section class="desk-photo" aria-label={text('queue.picture')} data-submission={submission.id}>
        {photo === null ? (
          <p class="photo-wait">{text('photo.none')}</p>
        ) : (
          <div class="desk-photos">
            <PhotoView sha256={photo.sha256} label={assignment?.place ?? text('queue.picture')} />
            <Twin submission={submission} photo={photo.sha256} />
          </div>
        )}
        <Pager number={photoNumber} count={photoCount} onTurn={onPhoto} />
      </section>
      <aside class="desk-side" aria-label={text('queue.facts')}>
        <div class="desk-scroll" tabIndex={0} role="group" aria-label={text('queue.facts')}>
          {elsewhere !== undefined && !decided.value.has(submission.id) && (
            <Notice tone="warn">{text('queue.elsewhere', { state: text(`state.${elsewhere}`) })}</Notice>
          )}
          {claim === 'theirs' && other !== null && (
            <Notice tone="warn">{text('queue.claimed', { name: other.name })}</Notice>
          )}
          <Required cell={submission.cell} />
          <Checks submission={submission} />
          <Facts submission={submission} assignment={assignment} />
          <SmallMap
            commune={submission.commune}
            planned={assignment?.location ?? null}
            reported={submission.location ?? null}
          />
          <p>
            <a href={address(`minh-chung/${submission.id}`)}>{text('queue.record')}</a>
          </p>
        </div>
        <div class="decide">
          <button type="button" class="button verify" disabled={!canDecide} onClick={onVerify}>
            {text('queue.verify')} <kbd>V</kbd>
          </button>
          <button type="button" class="button reject" disabled={!canDecide} onClick={onReject}>
            {text('queue.reject')} <kbd>R</kbd>
          </button>
        </div>
      </aside>
    </>
  );
}

/** The end of the list, and what there still is: records that others are at, and what arrived meanwhile. */
function NothingLeft({ queue }: { queue: Queue }) {
  const others = queue.withOthers;
  const arrived = queue.arrived.value.size;
  return (
    <div class="desk-empty" role="status">
      {queue.isLoading.value || queue.hasMore ? (
        <p>{text('loading')}</p>
      ) : others > 0 ? (
        <p>{text('queue.with_others', { n: others })}</p>
      ) : (
        <p>{text(queue.items.value.length === 0 ? 'queue.empty' : 'queue.done')}</p>
      )}
      {arrived > 0 && (
        <button type="button" class="button main" onClick={() => void queue.start()}>
          {text('queue.arrived', { n: arrived })} <kbd>N</kbd>
        </button>
      )}
    </div>
  );
}
