// The state of an assignment or a submission as word, shape and colour. Refuses to be colour alone.

import { StateBadge, type Tone } from '@minhchung/web-shared/ui/StateBadge.tsx';
import type { AssignmentState, SubmissionState } from '../api/office.ts';
import { text } from '../text/text.ts';

type State = AssignmentState | SubmissionState;

const TONES: Readonly<Record<State, Tone>> = {
  open: 'calm',
  arriving: 'moving',
  incomplete: 'moving',
  pending: 'moving',
  returned: 'back',
  rejected: 'back',
  verified: 'done',
  proposed: 'calm',
  cancelled: 'off',
  withdrawn: 'off',
};

export function StateWord({ state }: { state: State }) {
  return <StateBadge tone={TONES[state]} word={text(`state.${state}`)} />;
}
