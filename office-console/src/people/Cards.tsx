// Enrolment cards to print on A4: one for each village head, with the code as QR and digits and what to do with it.
// Refuses to go back to a card: codes are shown here once, and leaving the page forgets them.

import { moment } from '@minhchung/web-shared/format/format.ts';
import { useEffect, useState } from 'preact/hooks';
import { campaign, communeTitle } from '../api/campaign.ts';
import { api, ask, type Person, type Schemas } from '../api/office.ts';
import { text, words } from '../text/text.ts';
import { Notice, sentenceOf } from '../ui/Notice.tsx';
import { QrCode } from '../ui/QrCode.tsx';

interface Card {
  readonly person: Person;
  readonly invitation: Schemas['InvitationAnswer'];
}

export function Cards({ people, onClose }: { people: readonly Person[]; onClose: () => void }) {
  const [cards, setCards] = useState<readonly Card[]>([]);
  const [failed, setFailed] = useState<readonly { person: Person; why: string }[]>([]);
  const [isMaking, setMaking] = useState(false);
  const [hasBegun, setBegun] = useState(false);

  useEffect(() => {
    if (!hasBegun) return;
    let isHere = true;
    const make = async () => {
      setMaking(true);
      for (const person of people) {
        if (!isHere) return;
        try {
          const path = { params: { path: { id: person.id } } };
          const invitation = await ask(api.POST('/api/v1/users/{id}/enrolment', path));
          setCards((before) => [...before, { person, invitation }]);
        } catch (failure) {
          setFailed((before) => [...before, { person, why: sentenceOf(failure) }]);
        }
      }
      setMaking(false);
    };
    void make();
    return () => {
      isHere = false;
    };
  }, [hasBegun]);

  return (
    <div class="cards-screen">
      <header class="screen-head no-print">
        <h1>{text('cards.title')}</h1>
        <div class="actions">
          {hasBegun && (
            <button type="button" class="button main" disabled={isMaking} onClick={() => window.print()}>
              {text('action.print')}
            </button>
          )}
          <button type="button" class="button" onClick={onClose}>
            {text('action.back')}
          </button>
        </div>
      </header>
      {!hasBegun && (
        <div class="card no-print">
          <p>{text('cards.warn', { n: people.length })}</p>
          <button type="button" class="button main" onClick={() => setBegun(true)}>
            {text('cards.make', { n: people.length })}
          </button>
        </div>
      )}
      {isMaking && (
        <p class="loading no-print">{text('cards.making', { done: cards.length, count: people.length })}</p>
      )}
      {failed.map((each) => (
        <Notice key={each.person.id} tone="bad">
          {each.person.name}: {each.why}
        </Notice>
      ))}
      <ul class="qr-cards" lang="vi">
        {cards.map((card) => (
          <li key={card.person.id} class="qr-card">
            <EnrolmentCard card={card} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The card itself is always Vietnamese: it is for the village head. */
function EnrolmentCard({ card: { person, invitation } }: { card: Card }) {
  return (
    <>
      <div class="qr-card-head">
        <strong class="qr-card-name">
          <bdi>{person.name}</bdi>
        </strong>
        <span>{person.commune == null ? '' : communeTitle(person.commune)}</span>
      </div>
      <QrCode content={invitation.url} label={text('cards.qr')} />
      <div class="qr-card-text">
        <p class="qr-card-code">{invitation.code}</p>
        <ol>
          <li>
            Mở máy ảnh của điện thoại, đưa vào ô vuông bên cạnh rồi bấm đường dẫn hiện ra (mở bằng Chrome).
          </li>
          <li>Nếu không quét được: mở Chrome, gõ {new URL(invitation.url).host} rồi nhập 12 số trên.</li>
          <li>Bấm “Thêm vào màn hình chính” để lần sau mở được cả khi không có mạng.</li>
        </ol>
        <p class="qr-card-foot">
          Mã dùng một lần, hết hạn {moment(Date.parse(invitation.expires_at))}. Không đưa cho người khác.
        </p>
        <p class="qr-card-foot">
          {campaign.value === null ? '' : words({ ...campaign.value.name, en: campaign.value.name.vi })}
        </p>
      </div>
    </>
  );
}
