// The start: what is mine to do, the most pressing first.
// Refuses to hide how old the list is.

import { day } from '@minhchung/web-shared/format/format.ts';
import { StateBadge } from '@minhchung/web-shared/ui/StateBadge.tsx';
import { inOrder, isReturned, type Listed, needsPicture } from '../app/place-order.ts';
import { go } from '../app/router.ts';
import { drafts, evidence, now, places, syncedAt } from '../app/state.ts';
import { asking, hurryUp } from '../app/sync.ts';
import { cellWords, isCommitment, reasonWords, standingBadge } from '../app/words.ts';
import { t } from '../text/dictionary.ts';
import { ago } from '../ui/ago.ts';
import { Banners } from '../ui/Banners.tsx';
import { Screen, SideButton } from '../ui/parts.tsx';

function Card({ place, how }: Listed) {
  const { title } = place;
  const badge = standingBadge(how);
  const returned = isReturned(place, how);
  const draft = drafts.value.find((one) => one.assignment === place.id);
  return (
    <li class={`card card-${badge.tone}`}>
      <button type="button" class="card-open" onClick={() => go({ at: 'place', id: place.id })}>
        <StateBadge {...badge} />
        <span class="card-title">{title.place}</span>
        <span class="card-line">{title.village}</span>
        <span class="card-line">{cellWords(title.cell)}</span>
        <span class="card-line">{t('place.due', { day: day(place.due) })}</span>
        {returned && <span class="card-reason">{reasonWords(place.lastReason)}</span>}
      </button>
      {(needsPicture(how) || draft !== undefined) && (
        <button
          type="button"
          class="button button-main"
          onClick={() => go({ at: draft === undefined ? 'camera' : 'check', id: place.id })}
        >
          {draft !== undefined
            ? t('place.go-on')
            : returned
              ? t('place.take-again')
              : isCommitment(title.cell)
                ? t('place.take-sheet')
                : t('place.take')}
          <span class="visually-hidden">: {title.place}</span>
        </button>
      )}
    </li>
  );
}

/** A picture is to be taken, or was taken and not handed in. */
function isToDo({ place, how }: Listed): boolean {
  return needsPicture(how) || drafts.value.some((one) => one.assignment === place.id);
}

export function Places() {
  const listed = inOrder(places.value, evidence.value, now.value);
  const todo = listed.filter(isToDo);
  const rest = listed.filter((one) => !isToDo(one));
  const at = syncedAt.value;
  return (
    <Screen title={t('places.title')} name="places" isStart>
      <Banners />
      <p class="age">
        {at === null ? t('places.never') : t('places.age', { ago: ago(at, now.value) })}{' '}
        <button type="button" class="link" disabled={asking.value} onClick={hurryUp}>
          {asking.value ? t('places.asking') : t('places.ask')}
        </button>
      </p>
      {listed.length === 0 && <p>{at === null ? t('places.first') : t('places.none')}</p>}
      {todo.length > 0 && <h2>{t('places.todo', { n: todo.length })}</h2>}
      <ul class="cards">
        {todo.map((one) => (
          <Card key={one.place.id} {...one} />
        ))}
      </ul>
      {rest.length > 0 && <h2>{t('places.rest', { n: rest.length })}</h2>}
      <ul class="cards">
        {rest.map((one) => (
          <Card key={one.place.id} {...one} />
        ))}
      </ul>
      <nav class="side-by-side" aria-label={t('places.more')}>
        <SideButton onClick={() => go({ at: 'propose' })}>{t('propose.open')}</SideButton>
        <SideButton onClick={() => go({ at: 'help' })}>{t('help.open')}</SideButton>
        <SideButton onClick={() => go({ at: 'settings' })}>{t('settings.open')}</SideButton>
      </nav>
    </Screen>
  );
}
