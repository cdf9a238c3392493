// What would be thrown away, in a sentence.

import { day } from '@minhchung/web-shared/format/format.ts';
import type { Purge } from '../api/wire.ts';
import { text } from '../text/text.ts';

export function purgeWords(which: Purge): string {
  const parts: string[] = [];
  if (which.state !== undefined) parts.push(text('purge.of_state', { state: text(`state.${which.state}`) }));
  if (which.received_on !== undefined) parts.push(text('purge.of_day', { day: day(which.received_on) }));
  if (which.size !== undefined) parts.push(text('purge.of_size', { size: text(`size.${which.size}`) }));
  return parts.join(text('purge.and'));
}
