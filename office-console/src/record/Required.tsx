// What has to be on the banner, word for word, and how large it is. Refuses to shorten the plan's words.

import { number } from '@minhchung/web-shared/format/format.ts';
import { bannerGroup, campaign, cellMeaning } from '../api/campaign.ts';
import { language, text, words } from '../text/text.ts';

export function Required({ cell }: { cell: string }) {
  const group = bannerGroup(cell);
  const size = (metre: number) => number(metre, language.value, 2);
  if (group === undefined) {
    return (
      <section class="required" aria-label={text('required.title')}>
        <p class="required-meaning">{cellMeaning(cell)}</p>
      </section>
    );
  }
  return (
    <section class="required" aria-label={text('required.title')}>
      <p class="required-meaning">{cellMeaning(cell)}</p>
      <p class="required-headline" lang="vi">
        {group.headline}
      </p>
      <ul class="required-lines" lang="vi">
        {campaign.value?.banners.lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <p>
        <strong>{text('required.size')}</strong>{' '}
        {group.sizes.length === 0
          ? text('required.no_size')
          : group.sizes.map((each) => `${size(each.height_m)} × ${size(each.width_m)} m`).join(', ')}
        {group.note !== null && <span class="hint"> {words(group.note)}</span>}
      </p>
    </section>
  );
}
