// Every screen, in both languages, at 360 × 640: axe, targets large enough, nothing cut off, also with letters twice as large.
// The pictures lie under target/phone-screens; MINHCHUNG_GUIDE=1 renews those of docs/huong-dan.

import { look } from './look.ts';
import { capture, enter, expect, type Fixtures, shoot, test, toList, WORDS, type Words } from './phone.ts';

/** A small walk in one language: every screen is looked at once. */
async function walk(
  language: 'vi' | 'en',
  { server, people, newPhone }: Pick<Fixtures, 'server' | 'people' | 'newPhone'>,
): Promise<void> {
  const words = WORDS[language];
  const head = await people.head();
  const soon = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  await people.plan(head.id, { place: 'Cổng chào đầu thôn', due: '2026-03-01' });
  await people.plan(head.id, { place: 'Nhà văn hóa thôn', due: soon });
  await people.plan(head.id, { place: 'Điểm trường Nậm Rịa', cell: 'banner.3' });
  await people.plan(head.id, {
    place: 'Họp thôn tháng 6',
    cell: 'commitment.residential_area',
    expected_signers: 85,
  });
  await people.plan(head.id, { place: 'Trạm y tế', note: 'Treo trước ngày hội' });

  const phone = newPhone(server.url);
  const page = await phone.open();
  const press = (key: keyof Words) => page.getByRole('button', { name: words[key], exact: true }).click();
  const see = (name: string) => look(page, `${language}-${name}`, language);
  await page.getByRole('radio', { name: language === 'vi' ? 'Tiếng Việt' : 'English' }).check();
  await page.getByRole('heading', { name: words['enter.title'] }).waitFor();
  await see('01-vao');
  await press('enter.by-password');
  await see('02-mat-khau');
  await press('enter.by-code');
  await enter(page, head.code, words);

  await capture(page, 'Trạm y tế', words);
  await expect(page.getByRole('heading', { name: words['saved.received'], exact: true })).toBeVisible();
  await see('03-da-gui');
  const [sent] = await people.submissions();
  if (sent !== undefined)
    await people.reject(sent, 'wrong_text', 'Thiếu số điện thoại đường dây nóng ở dòng dưới.');
  await toList(page, words);
  await press('places.ask');
  await expect(page.getByText(words['reason.wrong_text'])).toBeVisible();
  await see('04-viec-cua-toi');

  await page.getByRole('button', { name: /Trạm y tế Thôn/ }).click();
  await expect(page.getByText('Thiếu số điện thoại đường dây nóng ở dòng dưới.')).toBeVisible();
  await see('05-bi-tra-lai');
  await press('bar.back');
  await page.getByRole('button', { name: /Điểm trường Nậm Rịa Thôn/ }).click();
  await see('06-mot-viec');
  await press('place.take');
  await expect(page.locator('video')).toBeVisible();
  await see('07-chup');
  await shoot(page, words);
  await see('08-xem-lai');
  await phone.offline(true);
  await press('check.send');
  await expect(page.getByRole('heading', { name: words['saved.title'] })).toBeVisible();
  await see('09-da-luu');
  await toList(page, words);
  await page.getByRole('listitem').filter({ hasText: 'Họp thôn' }).locator('.button-main').click();
  await shoot(page, words);
  await page.getByLabel(words['check.signed']).fill('79');
  await see('10-cam-ket');
  await press('bar.back');
  await expect(page.getByRole('button', { name: words['place.go-on'] })).toBeVisible();
  await press('bar.unsent_one');
  await see('11-anh-da-chup');
  await page.getByRole('button', { name: /Điểm trường/ }).click();
  await see('12-mot-lan-gui');
  await press('bar.back');
  await press('bar.back');
  await press('propose.open');
  await page.getByLabel(words['propose.place']).fill('Cổng chợ');
  await see('13-them-noi');
  await press('bar.back');
  await press('help.open');
  await page.getByLabel(words['help.number']).fill('+84 000 000 001');
  await see('14-tro-giup');
  await press('bar.back');
  await press('settings.open');
  await see('15-cai-dat');
  await press('leave.open');
  await expect(page.getByRole('alert')).toBeVisible();
  await see('16-thoat');
  await press('leave.stay');
  await page.getByLabel(words['lock.choose']).fill('2468');
  await press('lock.set');
  await expect(page.getByRole('button', { name: words['lock.remove'] })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: words['lock.locked'] })).toBeVisible();
  await see('17-khoa');
  await page.getByLabel(words['lock.enter']).fill('1111');
  await press('lock.open');
  await expect(page.getByText(words['lock.wrong'])).toBeVisible();
  await page.getByLabel(words['lock.enter']).fill('2468');
  await press('lock.open');
  await expect(page.getByRole('heading', { name: words['settings.title'] })).toBeVisible();
}

for (const language of ['vi', 'en'] as const) {
  test(`every screen is readable, tappable and free of axe violations (${language})`, async ({
    server,
    people,
    newPhone,
  }) => {
    test.setTimeout(180_000);
    await walk(language, { server, people, newPhone });
  });
}
