// The contact sheet of a commune × cell: what waits without a warning, verified together once a random sample that
// the server drew was looked at one by one.
// Refuses short cuts: the server counts what was looked at, and a rejection in the sample ends the short way.

import { useState } from 'preact/hooks';
import { cellLabel, communeTitle } from '../api/campaign.ts';
import { api, ask, type Schemas, type Submission } from '../api/office.ts';
import { address } from '../app/route.ts';
import { Thumb } from '../record/Thumb.tsx';
import { text } from '../text/text.ts';
import { useAsked } from '../ui/asked.ts';
import { Failure, Notice } from '../ui/Notice.tsx';
import type { PageAnswer } from '../ui/pages.ts';
import { LookDialog } from './LookDialog.tsx';

type Sheet = Schemas['ContactSheet'];
/** So many with warnings are shown beside the clean ones; all of them are in the queue. */
const MOST_WARNED = 60;

export function SheetScreen({ commune, cell }: { commune: string; cell: string }) {
  const place = { path: { commune, cell } };
  const asked = useAsked(`${commune}/${cell}`, async () => {
    const sheet = await ask(api.PUT('/api/v1/contact-sheets/{commune}/{cell}', { params: place }));
    return { sheet, waiting: await waitingOf(commune, cell, sheet) };
  });
  return (
    <div class="sheet">
      <nav class="crumbs" aria-label={text('app.crumbs')}>
        <a href={address('bang')}>{text('nav.board')}</a>
        <span aria-hidden="true">›</span>
        <a href={address(`o/${commune}`)}>{communeTitle(commune)}</a>
        <span aria-hidden="true">›</span>
        <a href={address(`o/${commune}/${cell}`)}>{cellLabel(cell)}</a>
      </nav>
      <h1>
        {text('sheet.title')}: {communeTitle(commune)} – {cellLabel(cell)}
      </h1>
      {asked.error !== null && <Failure error={asked.error} retry={asked.again} />}
      {asked.data === null ? (
        asked.error === null && <p class="loading">{text('loading')}</p>
      ) : (
        <Photos
          commune={commune}
          cell={cell}
          sheet={asked.data.sheet}
          waiting={asked.data.waiting}
          again={asked.again}
        />
      )}
    </div>
  );
}

/** What waits in the cell, at least as far as the sheet's members: they may stand behind hundreds with warnings. */
async function waitingOf(commune: string, cell: string, sheet: Sheet): Promise<readonly Submission[]> {
  const missing = new Set(sheet.members);
  const found: Submission[] = [];
  let after: string | null = null;
  do {
    const filter = { commune, cell: cell as Schemas['Cell'], state: 'pending' as const, limit: 200 };
    const query = after === null ? filter : { ...filter, after };
    const page: PageAnswer<Submission> = await ask(api.GET('/api/v1/submissions', { params: { query } }));
    found.push(...page.items);
    for (const { id } of page.items) missing.delete(id);
    after = page.next ?? null;
  } while (after !== null && missing.size > 0);
  return found;
}

function Photos({
  commune,
  cell,
  sheet,
  waiting,
  again,
}: {
  commune: string;
  cell: string;
  sheet: Sheet;
  waiting: readonly Submission[];
  again: () => void;
}) {
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [outcome, setOutcome] = useState<Schemas['SheetVerified'] | null>(null);
  const [isBusy, setBusy] = useState(false);

  const members = new Set(sheet.members);
  const sampled = new Map(sheet.sample.map((each) => [each.submission_id, each.look]));
  const unseen = sheet.sample.filter((each) => each.look === 'waiting');
  const hasFailed = sheet.sample.some((each) => each.look === 'rejected');
  const clean = waiting.filter((each) => members.has(each.id) && !sampled.has(each.id));
  const chosen = clean.filter((each) => !left.has(each.id));
  const warned = waiting.filter((each) => !members.has(each.id));
  const shown = [
    ...waiting.filter((each) => sampled.has(each.id)),
    ...clean,
    ...warned.slice(0, MOST_WARNED),
  ];
  const opened = waiting.find((each) => each.id === open) ?? null;
  const toggle = (id: string) =>
    setLeft((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });

  async function verifyAll(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      const body = { sheet: sheet.id, submissions: chosen.map((each) => each.id) };
      const params = { path: { commune, cell } };
      setOutcome(await ask(api.POST('/api/v1/contact-sheets/{commune}/{cell}/verify', { params, body })));
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
      again();
    }
  }

  return (
    <>
      {sheet.members.length === 0 && waiting.length > 0 && (
        <Notice tone="info">{text('sheet.none_clean')}</Notice>
      )}
      <ol class="sheet-steps" hidden={sheet.members.length === 0}>
        <li class={unseen.length === 0 ? 'is-done' : 'is-now'}>
          {text('sheet.step.sample', {
            seen: sheet.sample.length - unseen.length,
            count: sheet.sample.length,
          })}
          {unseen[0] !== undefined && (
            <button
              type="button"
              class="button small main"
              onClick={() => setOpen(unseen[0]?.submission_id ?? null)}
            >
              {text('sheet.look')}
            </button>
          )}
        </li>
        <li class={unseen.length === 0 && !hasFailed ? 'is-now' : ''}>
          {text('sheet.step.verify', { n: chosen.length })}
          <button
            type="button"
            class="button small verify"
            disabled={isBusy || unseen.length > 0 || hasFailed || chosen.length === 0}
            onClick={() => void verifyAll()}
          >
            {text('sheet.verify', { n: chosen.length })}
          </button>
        </li>
      </ol>
      {hasFailed && <Notice tone="warn">{text('sheet.failed')}</Notice>}
      {error !== null && <Failure error={error} />}
      {outcome !== null && (
        <Notice tone={outcome.left.length === 0 ? 'good' : 'warn'}>
          {text('sheet.done', { verified: outcome.verified.length, left: outcome.left.length })}
          {outcome.left.map((each) => (
            <a key={each.submission_id} href={address(`minh-chung/${each.submission_id}`)}>
              {each.problem.title}
            </a>
          ))}
        </Notice>
      )}
      {waiting.length === 0 && <p class="empty">{text('sheet.empty')}</p>}
      <ul class="sheet-photos">
        {shown.map((each) => {
          const isSampled = sampled.has(each.id);
          const isClean = members.has(each.id);
          const first = each.photos.find((photo) => photo.stored);
          return (
            <li key={each.id} class={isSampled ? 'is-sampled' : isClean ? '' : 'is-warned'}>
              <button
                type="button"
                class="sheet-photo"
                onClick={() => setOpen(each.id)}
                aria-label={text('sheet.open')}
              >
                {first !== undefined && <Thumb sha256={first.sha256} label="" />}
              </button>
              {isSampled ? (
                <span class="mark mark-warn">{text('sheet.sampled')}</span>
              ) : isClean ? (
                <label class="check-field">
                  <input type="checkbox" checked={!left.has(each.id)} onChange={() => toggle(each.id)} />
                  {text('sheet.choose')}
                </label>
              ) : (
                <span class="mark mark-warn">{text('sheet.warned')}</span>
              )}
            </li>
          );
        })}
      </ul>
      {warned.length > MOST_WARNED && (
        <p>
          <a href={address('hang-doi', { commune, cell })}>
            {text('sheet.more_warned', { n: warned.length - MOST_WARNED })}
          </a>
        </p>
      )}
      {opened !== null && (
        <LookDialog
          submission={opened}
          onClose={() => setOpen(null)}
          onRefused={(failure) => {
            setError(failure);
            setOpen(null);
            again();
          }}
          onDecided={() => {
            setOpen(unseen.find((each) => each.submission_id !== opened.id)?.submission_id ?? null);
            again();
          }}
        />
      )}
    </>
  );
}
