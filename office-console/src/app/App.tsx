// The frame of every screen: who is here, the way to the screens that are theirs, and the screen.
// Refuses roles that have no work in this console, and screens that are not a role's.

import { assertNever } from '@minhchung/web-shared/assert-never.ts';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { CodesScreen } from '../account/CodesScreen.tsx';
import { LogIn } from '../account/LogIn.tsx';
import { campaign, communeTitle, loadCampaign } from '../api/campaign.ts';
import { isLive, openEvents } from '../api/events.ts';
import { logOut } from '../api/office.ts';
import { hasRole, me, mustSetUpCodes, type Role } from '../api/session.ts';
import { BoardScreen } from '../board/BoardScreen.tsx';
import { AssignmentScreen } from '../cell/AssignmentScreen.tsx';
import { CellScreen } from '../cell/CellScreen.tsx';
import { PeopleScreen } from '../people/PeopleScreen.tsx';
import { PlanScreen } from '../plan/PlanScreen.tsx';
import { giveUp, held, sendAll } from '../queue/decisions.ts';
import { QueueScreen } from '../queue/QueueScreen.tsx';
import { RecordScreen } from '../record/RecordScreen.tsx';
import { SheetScreen } from '../sheet/SheetScreen.tsx';
import { language, text } from '../text/text.ts';
import { useAsked } from '../ui/asked.ts';
import { LanguageButton } from '../ui/LanguageButton.tsx';
import { Failure, Notice } from '../ui/Notice.tsx';
import { address, type Route, route } from './route.ts';

const OFFICE: readonly Role[] = ['admin', 'verifier', 'commune_officer', 'viewer'];

export function App() {
  const person = me.value;
  if (person === null) return <LogIn />;
  if (!OFFICE.includes(person.role)) return <NotHere />;
  if (mustSetUpCodes.value) return <CodesScreen isRequired />;
  return <Office key={person.id} />;
}

function Office() {
  const asked = useAsked('campaign', loadCampaign);
  useEffect(() => openEvents(), []);
  const present = route.value;
  useEffect(() => {
    document.title = `${titleOf(present)} – Minh chứng`;
    // A new screen is read from its start.
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [present.screen, language.value]);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        {text('app.skip')}
      </button>
      <Head />
      <main id="main" tabIndex={-1} class={`screen screen-${present.screen}`}>
        {campaign.value !== null ? (
          <Screen route={present} />
        ) : asked.error !== null ? (
          <Failure error={asked.error} retry={asked.again} />
        ) : (
          <p class="loading">{text('loading')}</p>
        )}
      </main>
    </>
  );
}

function Screen({ route: present }: { route: Route }) {
  switch (present.screen) {
    case 'board':
      return <BoardScreen />;
    case 'cell':
      return (
        <CellScreen
          key={`${present.commune}/${present.cell}`}
          commune={present.commune}
          cell={present.cell}
        />
      );
    case 'assignment':
      return <AssignmentScreen key={present.id} id={present.id} />;
    case 'record':
      return <RecordScreen key={present.id} id={present.id} />;
    case 'queue':
      return hasRole('admin', 'verifier') ? <QueueScreen /> : <NotYours />;
    case 'sheet':
      return hasRole('admin', 'verifier') ? (
        <SheetScreen
          key={`${present.commune}/${present.cell}`}
          commune={present.commune}
          cell={present.cell}
        />
      ) : (
        <NotYours />
      );
    case 'plan':
      return <PlanScreen />;
    case 'people':
      return hasRole('admin', 'commune_officer') ? <PeopleScreen /> : <NotYours />;
    case 'account':
      return <CodesScreen />;
    case 'unknown':
      return <Notice tone="warn">{text('app.unknown')}</Notice>;
    default:
      return assertNever(present);
  }
}

/** Decisions that are still held go first; whoever goes without them is asked. */
async function leave(): Promise<void> {
  await sendAll();
  const unsent = held.value.length;
  if (unsent > 0 && !window.confirm(text('app.unsent', { n: unsent }))) return;
  giveUp();
  await logOut();
}

function titleOf(present: Route): string {
  return text(`nav.${present.screen}`);
}

function Head() {
  const present = route.value.screen;
  const person = me.value;
  if (person === null) return null;
  return (
    <header class="top">
      <a class="brand" href={address('bang')}>
        Minh chứng
      </a>
      <nav class="nav" aria-label={text('app.nav')}>
        <Way to="bang" isHere={['board', 'cell', 'assignment'].includes(present)}>
          {text('nav.board')}
        </Way>
        {hasRole('admin', 'verifier') && (
          <Way to="hang-doi" isHere={['queue', 'sheet', 'record'].includes(present)}>
            {text('nav.queue')}
          </Way>
        )}
        <Way to="ke-hoach" isHere={present === 'plan'}>
          {text('nav.plan')}
        </Way>
        {hasRole('admin', 'commune_officer') && (
          <Way to="nguoi-dung" isHere={present === 'people'}>
            {text('nav.people')}
          </Way>
        )}
      </nav>
      <span class={isLive.value ? 'live live-on' : 'live'} role="status">
        {text(isLive.value ? 'app.live' : 'app.not_live')}
      </span>
      <a class="person" href={address('tai-khoan')}>
        <strong>{person.name}</strong>
        <span>
          {text(`role.${person.role}`)}
          {person.commune !== null && person.commune !== undefined && ` · ${communeTitle(person.commune)}`}
        </span>
      </a>
      <LanguageButton />
      <button type="button" class="button quiet" onClick={() => void leave()}>
        {text('app.log_out')}
      </button>
    </header>
  );
}

function Way({ to, isHere, children }: { to: string; isHere: boolean; children: ComponentChildren }) {
  return (
    <a href={address(to)} aria-current={isHere ? 'page' : undefined}>
      {children}
    </a>
  );
}

function NotYours() {
  return <Notice tone="warn">{text('app.not_yours')}</Notice>;
}

function NotHere() {
  return (
    <main class="door">
      <h1>Minh chứng</h1>
      <Notice tone="warn">{text('app.not_here')}</Notice>
      {hasRole('tip_officer') && (
        <a class="button main" href="/ban-tin/">
          {text('app.tip_desk')}
        </a>
      )}
      <button type="button" class="button" onClick={() => void logOut()}>
        {text('app.log_out')}
      </button>
    </main>
  );
}
