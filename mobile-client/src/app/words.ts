// States and reasons in words, with their shape and colour.
// Refuses a state without a word.

import type { Tone } from '@minhchung/web-shared/ui/StateBadge.tsx';
import type { Evidence, Item } from '../outbox/records.ts';
import { sending } from '../outbox/sender.ts';
import { dictionary, t } from '../text/dictionary.ts';
import type { Standing } from './place-order.ts';
import { campaign } from './state.ts';

export interface Badge {
  readonly tone: Tone;
  readonly word: string;
}

export function standingBadge(how: Standing): Badge {
  switch (how) {
    case 'overdue':
      return { tone: 'late', word: t('state.overdue') };
    case 'returned':
      return { tone: 'back', word: t('state.returned') };
    case 'refused':
      return { tone: 'back', word: t('state.refused') };
    case 'soon':
      return { tone: 'calm', word: t('state.soon') };
    case 'open':
      return { tone: 'calm', word: t('state.open') };
    case 'proposed':
      return { tone: 'calm', word: t('state.proposed') };
    case 'saved':
      return { tone: 'moving', word: t('state.saved') };
    case 'part':
      return { tone: 'moving', word: t('state.part') };
    case 'sent':
      return { tone: 'done', word: t('state.sent') };
    case 'verified':
      return { tone: 'done', word: t('state.verified') };
    case 'cancelled':
      return { tone: 'off', word: t('state.cancelled') };
  }
}

export function itemBadge(item: Item): Badge {
  switch (item.stage) {
    case 'waiting':
      return item.kind === 'evidence' ? waitingBadge(item) : { tone: 'moving', word: t('item.waiting') };
    case 'received':
      return { tone: 'done', word: t('item.received') };
    case 'verified':
      return { tone: 'done', word: t('item.verified') };
    case 'returned':
      return { tone: 'back', word: t('item.returned') };
    case 'refused':
      return { tone: 'back', word: t('item.refused') };
    case 'ghost':
      return { tone: 'late', word: t('item.ghost') };
    case 'dropping':
      return { tone: 'off', word: t('item.dropping') };
  }
}

function waitingBadge(item: Evidence): Badge {
  const live = sending.value;
  const stored = item.pictures.filter((picture) => picture.stored).length;
  if (live?.id === item.id) {
    return {
      tone: 'moving',
      word: t('item.sending', { percent: Math.floor((100 * live.arrived) / Math.max(1, live.total)) }),
    };
  }
  if (stored > 0) return { tone: 'moving', word: t('item.half', { stored, all: item.pictures.length }) };
  return { tone: 'moving', word: t('item.waiting') };
}

/** Why the office sent it back. */
export function reasonWords(code: string | null): string {
  return code === null ? '' : (dictionary.lookup(`reason.${code}`) ?? code);
}

/** Why the server did not take it; its own sentence where we have none. */
export function refusalWords(code: string, sentence: string): string {
  return dictionary.lookup(`problem.${code}`) ?? sentence;
}

/** What a cell is called: the campaign's words, or plain ones before the campaign was heard. */
export function cellWords(cell: string): string {
  const language = dictionary.language.value;
  const group = campaign.value?.banners?.groups.find((one) => one.cell === cell);
  if (group !== undefined) return t('cell.banner', { group: group.label[language] });
  const kind = campaign.value?.commitments.find((one) => one.cell === cell);
  return kind === undefined
    ? (dictionary.lookup(`cell.${cell}`) ?? cell)
    : t('cell.commitment', { kind: kind.label[language] });
}

export function isCommitment(cell: string): boolean {
  return cell.startsWith('commitment.');
}
