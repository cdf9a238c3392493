// The few words that several screens share: a state, a channel, a category, a count.
// Refuses to hide a key that has no word yet: it shows as itself.

import { StateBadge, type Tone } from '@minhchung/web-shared/ui/StateBadge.tsx';
import type { Count, TipState } from '../api/wire.ts';
import { lookup, text } from '../text/text.ts';

const TONES: Readonly<Record<TipState, Tone>> = {
  new: 'moving',
  open: 'calm',
  need_more: 'back',
  closed: 'done',
  spam: 'off',
};

export const channelWord = (channel: string) => lookup(`channel.${channel}`) ?? channel;

export const categoryWord = (category: string | null) =>
  category === null ? text('category.none') : (lookup(`category.${category}`) ?? category);

/** Null stands for one to four people, who are not to be recognised. */
export const countWord = (count: Count | undefined) =>
  count === null ? text('counts.few') : `${count ?? 0}`;

export function TipStateBadge({ state }: { state: TipState }) {
  return <StateBadge tone={TONES[state]} word={text(`state.${state}`)} />;
}
