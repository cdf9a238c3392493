// Help in one place: four pictured steps, what to do when something looks wrong, and whom to call.
// Refuses words that only engineers use.

import { StateShape, type Tone } from '@minhchung/web-shared/ui/StateBadge.tsx';
import { changeSettings, settings } from '../app/state.ts';
import { t } from '../text/dictionary.ts';
import { Drawing } from '../ui/Drawing.tsx';
import { Screen } from '../ui/parts.tsx';

const STEPS = ['list', 'camera', 'check', 'sent'] as const;
const MEANINGS: readonly (readonly [Tone, 'moving' | 'done' | 'back' | 'late'])[] = [
  ['moving', 'moving'],
  ['done', 'done'],
  ['back', 'back'],
  ['late', 'late'],
];
const QUESTIONS = ['no-network', 'weak-place', 'wrong-place', 'new-phone', 'full'] as const;

export function Help() {
  const phone = settings.value.officerPhone;
  return (
    <Screen title={t('help.title')} name="help">
      <section>
        <h2>{t('help.call')}</h2>
        {phone !== '' && (
          <a class="button button-main" href={`tel:${phone.replace(/[^+\d]/g, '')}`}>
            {t('help.call-number', { number: phone })}
          </a>
        )}
        <label class="field">
          {t('help.number')}
          <input
            type="tel"
            autocomplete="off"
            maxLength={20}
            value={phone}
            onInput={(event) => void changeSettings({ officerPhone: event.currentTarget.value })}
          />
        </label>
      </section>
      <section>
        <h2>{t('help.steps')}</h2>
        <ol class="steps">
          {STEPS.map((step) => (
            <li key={step}>
              <Drawing name={step} />
              <p>{t(`help.step.${step}`)}</p>
            </li>
          ))}
        </ol>
      </section>
      <section>
        <h2>{t('help.marks')}</h2>
        <ul class="marks">
          {MEANINGS.map(([tone, name]) => (
            <li key={name} class={`notice notice-${tone}`}>
              <StateShape tone={tone} />
              <span>{t(`help.mark.${name}`)}</span>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2>{t('help.questions')}</h2>
        <dl>
          {QUESTIONS.map((question) => [
            <dt key={`${question}-q`}>{t(`help.q.${question}`)}</dt>,
            <dd key={`${question}-a`}>{t(`help.a.${question}`)}</dd>,
          ])}
        </dl>
      </section>
      <section>
        <h2>{t('help.tip')}</h2>
        <a class="button" href="/to-giac/" rel="noreferrer">
          {t('help.tip-open')}
        </a>
      </section>
    </Screen>
  );
}
