// One box of a thread: its day and way, whether its signature is to be believed, and what it says.
// Refuses to show an unproven message without saying so first.

import { assertNever } from '@minhchung/web-shared/assert-never.ts';
import { day } from '@minhchung/web-shared/format/format.ts';
import { communeWord } from '../app/communes.ts';
import { ownKeys } from '../app/desk.ts';
import { text } from '../text/text.ts';
import { Failure, Notice, type NoticeTone } from '../ui/Notice.tsx';
import { categoryWord, channelWord } from '../ui/words.tsx';
import { RECOVERY, type Said, type Unopened } from '../worker/messages.ts';
import type { Belief, Entry } from './belief.ts';
import { Pictures } from './Pictures.tsx';
import { Words } from './Words.tsx';

export function Message({ entry, belief }: { entry: Entry; belief: Belief | null }) {
  const { tip, opened, error } = entry;
  const isNote = tip.channel === 'desk_note';
  const title = isNote
    ? text('message.note', { day: day(tip.received_on) })
    : text('message.told', { day: day(tip.received_on), channel: channelWord(tip.channel) });
  return (
    <li class={isNote ? 'message message-note' : 'message'} data-tip={tip.id}>
      <h2 class="message-title">{title}</h2>
      {error !== null && <Failure error={error} />}
      {opened === null && error === null && <p class="loading">{text('message.opening')}</p>}
      {opened !== null && 'failure' in opened && (
        <Notice tone="bad">{unopenedWords(opened.failure, tip.received_on)}</Notice>
      )}
      {opened !== null && !('failure' in opened) && <SaidInside said={opened} belief={belief} />}
    </li>
  );
}

function SaidInside({ said, belief }: { said: Said; belief: Belief | null }) {
  return (
    <>
      {belief !== null && <BeliefLine belief={belief} />}
      {(said.category !== null || said.commune !== null) && (
        <p class="message-facts">
          {said.category !== null && text('message.category', { category: categoryWord(said.category) })}
          {said.category !== null && said.commune !== null && ' · '}
          {said.commune !== null && text('message.commune', { commune: communeWord(said.commune) })}
        </p>
      )}
      <Words of={said.text} />
      <Pictures pictures={said.pictures} />
      {said.openedWith === RECOVERY && <p class="hint">{text('message.by_recovery')}</p>}
    </>
  );
}

function BeliefLine({ belief }: { belief: Belief }) {
  const { tone, words } = beliefWords(belief);
  if (tone === 'info') return <p class="belief">{words}</p>;
  return <Notice tone={tone}>{words}</Notice>;
}

function beliefWords(belief: Belief): { tone: NoticeTone; words: string } {
  switch (belief.kind) {
    case 'informant':
      return { tone: 'info', words: text('belief.informant') };
    case 'note':
      return { tone: 'info', words: text('belief.note', { officer: belief.officer }) };
    case 'stranger':
    case 'false_note':
      return { tone: 'bad', words: text(`belief.${belief.kind}`) };
    default:
      return assertNever(belief);
  }
}

/** A box that came after one's key was made and does not open is not somebody else's: it is wrong. */
function unopenedWords(failure: Unopened, receivedOn: string): string {
  if (failure !== 'not_for_us') return text(`unopened.${failure}`);
  const wasReader = ownKeys.value.some(
    (key) => key.made_on < receivedOn && (key.retired_on === null || key.retired_on > receivedOn),
  );
  return text(wasReader ? 'unopened.altered' : 'unopened.not_for_us');
}
