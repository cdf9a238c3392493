// The bar above every screen: the ways, whether something came, the lock, the way out.
// Refuses to name anything of a tip.

import { me } from '../api/session.ts';
import { dictionary, language, text } from '../text/text.ts';
import { go, leave, lock, openKeys, type Place, place } from './desk.ts';
import { news, readListAgain } from './news.ts';

type Way = Exclude<Place['screen'], 'thread'>;
const WAYS: readonly Way[] = ['list', 'register', 'counts', 'flood', 'keys'];

export function Head() {
  const isOpen = openKeys.value.length > 0;
  const present = place.value.screen === 'thread' ? 'list' : place.value.screen;
  return (
    <header class="top">
      <strong class="brand">{text('app.title')}</strong>
      <nav class="nav" aria-label={text('app.nav')}>
        {isOpen &&
          WAYS.map((screen) => (
            <button
              key={screen}
              type="button"
              class="way"
              aria-current={present === screen ? 'page' : undefined}
              onClick={() => go({ screen })}
            >
              {text(`nav.${screen}`)}
            </button>
          ))}
      </nav>
      <span class="news" role="status">
        {news.value === 'yes' && text('app.news')}
      </span>
      {isOpen && news.value === 'yes' && (
        <button
          type="button"
          class="button quiet"
          onClick={() => {
            readListAgain();
            go({ screen: 'list' });
          }}
        >
          {text('app.read_news')}
        </button>
      )}
      <span class="person">
        <strong>{me.value?.name}</strong>
        <span>{text('app.role')}</span>
      </span>
      <LanguageButton />
      {isOpen && (
        <button type="button" class="button quiet" onClick={lock}>
          {text('app.lock')}
        </button>
      )}
      <button type="button" class="button quiet" onClick={() => void leave()}>
        {text('app.log_out')}
      </button>
    </header>
  );
}

export function LanguageButton() {
  const other = language.value === 'vi' ? 'en' : 'vi';
  return (
    <button type="button" class="button quiet" lang={other} onClick={() => void dictionary.change(other)}>
      {other === 'en' ? 'English' : 'Tiếng Việt'}
    </button>
  );
}
