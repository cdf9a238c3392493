// The places of a cell or a commune: what, where, who, by when, and where each stands.
// Refuses to draw rows that nobody sees.

import { day } from '@minhchung/web-shared/format/format.ts';
import { useEffect, useRef } from 'preact/hooks';
import { cellLabel } from '../api/campaign.ts';
import type { Assignment } from '../api/office.ts';
import { address } from '../app/route.ts';
import { text } from '../text/text.ts';
import { Failure } from '../ui/Notice.tsx';
import type { Pages } from '../ui/pages.ts';
import { StateWord } from '../ui/StateWord.tsx';
import { useRowWindow } from '../ui/virtual.ts';

const ROW_HEIGHT = 46;

export function AssignmentTable({ pages, showCell }: { pages: Pages<Assignment>; showCell: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const { items } = pages;
  const seen = useRowWindow(box, items.length, ROW_HEIGHT);
  useEffect(() => {
    if (seen.to >= items.length) pages.more();
  }, [seen.to, items.length, pages.more]);
  const columns = showCell ? 6 : 5;
  return (
    <div class="table-box tall" ref={box} tabIndex={0} role="group" aria-label={text('cell.places')}>
      <table class="table fixed-rows">
        <thead>
          <tr>
            <th scope="col">{text('assignment.place')}</th>
            <th scope="col">{text('assignment.village')}</th>
            {showCell && <th scope="col">{text('assignment.cell')}</th>}
            <th scope="col">{text('assignment.due')}</th>
            <th scope="col">{text('assignment.assignee')}</th>
            <th scope="col">{text('assignment.state')}</th>
          </tr>
        </thead>
        <tbody>
          {seen.above > 0 && (
            <tr class="spacer" aria-hidden="true" style={{ height: `${seen.above}px` }}>
              <td colSpan={columns} />
            </tr>
          )}
          {items.slice(seen.from, seen.to).map((each) => (
            <tr key={each.id}>
              <th scope="row">
                <a href={address(`nhiem-vu/${each.id}`)}>
                  <bdi>{each.place}</bdi>
                </a>
              </th>
              <td>
                <bdi>{each.village}</bdi>
              </td>
              {showCell && <td>{cellLabel(each.cell)}</td>}
              <td class={each.overdue ? 'late-word' : ''}>
                {day(each.due)}
                {each.overdue && <span> · {text('assignment.overdue')}</span>}
                {each.late && <span> · {text('fact.late')}</span>}
              </td>
              <td>
                <bdi>{each.assignee_name ?? '–'}</bdi>
              </td>
              <td>
                <StateWord state={each.state} />
              </td>
            </tr>
          ))}
          {seen.below > 0 && (
            <tr class="spacer" aria-hidden="true" style={{ height: `${seen.below}px` }}>
              <td colSpan={columns} />
            </tr>
          )}
        </tbody>
      </table>
      {pages.isLoading && <p class="loading">{text('loading')}</p>}
      {pages.error !== null && <Failure error={pages.error} retry={pages.again} />}
      {!pages.isLoading && pages.error === null && items.length === 0 && (
        <p class="empty">{text('cell.nothing')}</p>
      )}
    </div>
  );
}
