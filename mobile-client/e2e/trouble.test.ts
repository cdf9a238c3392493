// What goes wrong on real phones: expired log-ins, refusals, lost and full memory, wrong clocks. Nothing is lost, and words say what is.

import { violations } from '@minhchung/web-shared/e2e/axe';
import { later } from '@minhchung/web-shared/e2e/later';
import type { Page } from '@playwright/test';
import type { Evidence } from '../src/outbox/records.ts';
import { lookInBoth } from './both-languages.ts';
import { capture, chip, enter, expect, type Phone, test, toList } from './phone.ts';
import { fillOutbox, inStore, replaceBytes, sayOnline, storedItems } from './stored.ts';

test.setTimeout(240_000);

const PLACE = 'Cổng nhà văn hóa';

test('after a week without a network the phone renews what ran out by itself and sends', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await phone.open();
  await enter(page, head.code);
  await phone.offline(true);
  await capture(page, PLACE);
  await server.down();
  await server.up(later(7));
  const refused = page.waitForResponse((answer) => answer.status() === 401);
  await phone.offline(false);
  await sayOnline(page);
  await refused;
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
  expect(await (await server.people()).submissions()).toHaveLength(1);
});

test('after half a year the session is over: the phone says so, loses nothing, and sends after a new code', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await phone.open();
  await enter(page, head.code);
  await phone.offline(true);
  await capture(page, PLACE);
  await toList(page);
  await server.down();
  await server.up(later(181));
  await phone.offline(false);
  await sayOnline(page);
  await expect(page.getByText('Cần vào lại để gửi tiếp 1 ảnh. Ảnh vẫn còn trên máy.')).toBeVisible();
  const office = await server.people();
  expect(await office.submissions()).toHaveLength(0);
  await page.getByRole('button', { name: 'Vào lại' }).click();
  await enter(page, (await office.invite(head.id)).code);
  await expect(chip(page, 'Đã gửi hết')).toBeVisible();
  expect(await office.submissions()).toHaveLength(1);
});

test('a refresh whose answer was lost is asked again with the same id and goes on', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await phone.open();
  await enter(page, head.code);
  const before = (await inStore(page, 'meta', 'get', ['session'])) as { access: string; refresh: string };
  // The server spends the token; the phone does not hear of it.
  const request = crypto.randomUUID();
  const spent = await fetch(`${server.url}/api/v1/auth/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh_token: before.refresh, request_id: request }),
  });
  expect(spent.status).toBe(200);
  await inStore(page, 'meta', 'put', [
    { ...before, access: `${before.access.slice(0, -6)}AAAAAA`, refreshRequest: request },
    'session',
  ]);
  await capture(page, PLACE);
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
});

test('a phone that was put out says so, keeps its pictures, and sends them after the same person came back', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await phone.open();
  await enter(page, head.code);
  await phone.offline(true);
  await capture(page, PLACE);
  await toList(page);
  await people.dropDevices(head.id);
  await phone.offline(false);
  await sayOnline(page);
  await expect(page.getByText('Cần vào lại để gửi tiếp 1 ảnh. Ảnh vẫn còn trên máy.')).toBeVisible();
  await lookInBoth(page, '24-vao-lai');
  await expect(chip(page, '1 ảnh chờ gửi')).toBeVisible();
  await page.getByRole('button', { name: 'Vào lại' }).click();
  await enter(page, (await people.invite(head.id)).code);
  await expect(chip(page, 'Đã gửi hết')).toBeVisible();
  expect(await people.submissions()).toHaveLength(1);
});

test('evidence of one person is never sent as another', async ({ server, people, newPhone }) => {
  const [first, second] = [await people.head('Trưởng thôn Một'), await people.head('Trưởng thôn Hai')];
  await people.plan(first.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await phone.open();
  await enter(page, first.code);
  await phone.offline(true);
  await capture(page, PLACE);
  await toList(page);
  await page.getByRole('button', { name: 'Cài đặt' }).click();
  await page.getByRole('button', { name: 'Thoát tài khoản' }).click();
  await page.getByRole('button', { name: 'Vẫn thoát' }).click();
  await phone.offline(false);
  await enter(page, second.code);
  await chip(page, 'Đã gửi hết').click();
  await expect(page.getByText('Trên máy còn 1 ảnh của tài khoản khác.', { exact: false })).toBeVisible();
  expect(await people.submissions()).toHaveLength(0);
});

test('a returned picture comes home with reason and words, is taken again, and is verified', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await phone.open();
  await enter(page, head.code);
  await capture(page, PLACE);
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
  const [first] = await people.submissions();
  if (first === undefined) throw new Error('nothing arrived');
  await people.reject(first, 'unreadable', 'Ảnh bị loá nắng, hãy chụp lúc râm.');
  await toList(page);
  await page.getByRole('button', { name: 'Lấy lại' }).click();
  await expect(page.getByText('Ảnh mờ, không đọc được')).toBeVisible();
  await page.getByRole('button', { name: new RegExp(`${PLACE} Thôn`) }).click();
  await expect(page.getByText('Ảnh bị loá nắng, hãy chụp lúc râm.')).toBeVisible();
  await page.getByRole('button', { name: '‹ Quay lại' }).click();
  await capture(page, PLACE);
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
  const second = (await people.submissions()).find((submission) => submission.id !== first.id);
  if (second === undefined) throw new Error('the second did not arrive');
  await toList(page);
  // Nobody has to ask for the list first, and nothing asks for a third picture.
  await expect(page.getByRole('listitem').getByText('Đã gửi, chờ duyệt')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Chụp lại/ })).toHaveCount(0);
  await people.verify(second);
  await page.getByRole('button', { name: 'Lấy lại' }).click();
  await expect(page.getByRole('listitem').getByText('Đã duyệt')).toBeVisible();
});

/** An outbox with one submission of one picture, not sent. */
async function oneWaiting(phone: Phone, code: string, assignment: string) {
  const page = await phone.open();
  await enter(page, code);
  await phone.offline(true);
  await fillOutbox(page, [assignment], 1, 60);
  const [item] = (await storedItems(page)) as Evidence[];
  const [picture] = item?.pictures ?? [];
  if (item === undefined || picture === undefined) throw new Error('the outbox is empty');
  const sendIt = async () => {
    await phone.offline(false);
    await sayOnline(page);
    await page.getByRole('button', { name: /ảnh chờ gửi|Đã gửi hết|cần xem lại/ }).click();
  };
  return { page, item, picture, sendIt };
}

const digest = async (bytes: Uint8Array<ArrayBuffer>) =>
  Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');

test('what the server refuses for good (409, 413, 422) is shown in words, with a way on', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  const assignment = await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const { page, item, picture, sendIt } = await oneWaiting(phone, head.code, assignment.id);
  const original = Buffer.from(await readBytes(page, picture.key));

  // 422: cut in the middle. 413: a header that claims 60 000 × 60 000. 409: the id of another submission.
  const cut = new Uint8Array(original.subarray(0, original.length / 2));
  const vast = new Uint8Array(original);
  const frame = original.findIndex((byte, at) => byte === 0xff && original[at + 1] === 0xc0);
  vast.set([0xea, 0x60, 0xea, 0x60], frame + 5);
  const copies: Evidence[] = [];
  for (const bytes of [cut, vast]) {
    const id = `${crypto.randomUUID().slice(0, 14)}7${crypto.randomUUID().slice(15)}`;
    const key = crypto.randomUUID();
    await replaceBytes(page, key, bytes);
    const changed = { ...picture, key, sha256: await digest(bytes), bytes: bytes.length };
    copies.push({ ...item, id, createdAt: item.createdAt + copies.length + 1, pictures: [changed] });
  }
  for (const copy of copies) await inStore(page, 'items', 'put', [copy]);
  await sendIt();
  await expect(page.getByText('Không gửi được')).toHaveCount(2);
  await expect(page.getByText('Biên nhận', { exact: false })).toHaveCount(1);
  // The same id, sent again with other content.
  const [done] = ((await storedItems(page)) as Evidence[]).filter((one) => one.stage === 'received');
  if (done === undefined) throw new Error('nothing was received');
  await inStore(page, 'items', 'put', [{ ...done, stage: 'waiting', receipt: null, note: 'khác' }]);
  await sayOnline(page);
  await expect(page.getByText('Không gửi được')).toHaveCount(3);

  const wanted = [
    'Máy chủ không đọc được ảnh. Hãy chụp lại.',
    'Ảnh quá lớn.',
    'Lần gửi này trùng mã với một lần gửi khác. Hãy chụp lại.',
  ];
  const seen: string[] = [];
  for (let row = 0; row < 3; row += 1) {
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Không gửi được' })
      .nth(row)
      .getByRole('button')
      .click();
    seen.push(await page.locator('.notice').innerText());
    await lookInBoth(page, `2${row}-tu-choi`);
    await expect(page.getByRole('button', { name: 'Chụp lại' })).toBeVisible();
    await page.getByRole('button', { name: '‹ Quay lại' }).click();
  }
  for (const words of wanted)
    expect(
      seen.some((text) => text.includes(words)),
      `${words} in ${seen.join('\n')}`,
    ).toBe(true);
  // A person may give one up, after being asked.
  await page.getByRole('listitem').filter({ hasText: 'Không gửi được' }).first().getByRole('button').click();
  await page.getByRole('button', { name: 'Bỏ khỏi máy' }).click();
  await page.getByRole('button', { name: 'Chắc, bỏ đi' }).click();
  await expect(page.getByText('Không gửi được')).toHaveCount(2);
});

function readBytes(page: Page, key: string): Promise<number[]> {
  return page.evaluate(async (wanted) => {
    const open = indexedDB.open('minhchung');
    const database = await new Promise<IDBDatabase>((done) => {
      open.onsuccess = () => done(open.result);
    });
    const request = database.transaction('blobs').objectStore('blobs').get(wanted) as IDBRequest<ArrayBuffer>;
    return new Promise<number[]>((done) => {
      request.onsuccess = () => {
        database.close();
        done([...new Uint8Array(request.result)]);
      };
    });
  }, key);
}

test('a picture that vanished from the phone becomes a visible ghost and never counts as sent', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  const assignment = await people.plan(head.id, { place: PLACE });
  const { page, picture, sendIt } = await oneWaiting(newPhone(server.url), head.code, assignment.id);
  await inStore(page, 'blobs', 'delete', [picture.key]);
  await sendIt();
  await expect(page.getByRole('listitem').getByText('Mất ảnh')).toBeVisible();
  await expect(chip(page, '1 cần xem lại')).toBeVisible();
  await page.getByRole('listitem').getByRole('button').click();
  await expect(page.getByText('Ảnh này không còn trên điện thoại', { exact: false })).toBeVisible();
  await lookInBoth(page, '23-mat-anh');
  await expect(page.getByRole('button', { name: 'Chụp lại' })).toBeVisible();
  const [arrived] = await people.submissions();
  expect(arrived?.state).toBe('incomplete');
  await page.getByRole('button', { name: 'Bỏ khỏi máy' }).click();
  await page.getByRole('button', { name: 'Chắc, bỏ đi' }).click();
  // The server hears of it, so the place does not stay half arrived.
  await expect.poll(async () => (await people.submissions())[0]?.state).toBe('withdrawn');
});

/** Fills what the browser grants, down to less than a picture. Returns the names of what it put there. */
function fillUp(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const open = indexedDB.open('minhchung');
    const database = await new Promise<IDBDatabase>((done) => {
      open.onsuccess = () => done(open.result);
    });
    const put = (key: string, bytes: number) =>
      new Promise<string>((done) => {
        const transaction = database.transaction(['blobs'], 'readwrite');
        transaction.objectStore('blobs').put(crypto.getRandomValues(new Uint8Array(bytes)).buffer, key);
        transaction.oncomplete = () => done('kept');
        transaction.onabort = () => done(transaction.error?.name ?? 'aborted');
      });
    const names: string[] = [];
    for (const bytes of [65_536, 8_192, 1_024]) {
      for (let outcome = 'kept'; outcome === 'kept'; ) {
        const name = `filler ${names.length}`;
        outcome = await put(name, bytes);
        if (outcome === 'kept') names.push(name);
        else if (outcome !== 'QuotaExceededError') throw new Error(outcome);
      }
    }
    database.close();
    return names;
  });
}

test('a full phone says that the picture was not saved, keeps and sends what is there, and goes on when there is room', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  await people.plan(head.id, { place: 'Trạm y tế' });
  const phone = newPhone(server.url);
  // Before the store is opened for the first time; an open one believes what it was told for a while.
  const page = await phone.open('/api/docs');
  const devtools = await phone.browser.newCDPSession(page);
  const grant = (quotaSize: number) =>
    devtools.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize });
  await grant(4_000_000);
  await page.goto(server.url);
  await enter(page, head.code);
  await phone.offline(true);
  await capture(page, PLACE);
  await toList(page);
  expect((await fillUp(page)).length).toBeGreaterThan(10);
  await page.getByRole('listitem').filter({ hasText: 'Trạm y tế' }).last().locator('.button-main').click();
  const video = page.locator('video');
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.videoWidth))
    .toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Chụp', exact: true }).click();
  await expect(page.getByText('Điện thoại hết chỗ, ảnh này CHƯA được lưu.', { exact: false })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  expect(await inStore(page, 'drafts', 'getAllKeys', [])).toEqual([]);
  await page.getByRole('button', { name: '‹ Quay lại' }).click();
  await expect(page.getByText('Điện thoại hết chỗ. Ảnh đã lưu vẫn còn.', { exact: false })).toBeVisible();
  // What was saved before goes all the same.
  await phone.offline(false);
  await sayOnline(page);
  await expect.poll(async () => (await people.submissions()).map((one) => one.state)).toEqual(['pending']);
  await grant(100_000_000);
  await sayOnline(page);
  await capture(page, 'Trạm y tế');
  await expect(chip(page, 'Đã gửi hết')).toBeVisible();
  expect(await people.submissions()).toHaveLength(2);
});

test('a clock in 1970 stops nothing', async ({ server, people, newPhone }) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await phone.open('/api/docs');
  await phone.browser.clock.setSystemTime(new Date('1970-01-02T08:00:00+07:00'));
  await page.goto(server.url);
  await enter(page, head.code);
  await capture(page, PLACE);
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
  const [arrived] = await people.submissions();
  expect(arrived?.captured_at.slice(0, 4)).toBe('1970');
  // The report said what the phone's clock showed as it went out, so that the office is warned.
  const ahead = async (): Promise<unknown> => {
    const [seen] = await people.submissions();
    return seen?.checks.find((check) => check.code === 'clock')?.data['phone_ahead_s'];
  };
  await expect.poll(ahead, { timeout: 180_000 }).toBeLessThan(-1_000_000);
});

test('evidence for a place that was cancelled meanwhile still arrives', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  const assignment = await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await phone.open();
  await enter(page, head.code);
  await phone.offline(true);
  await capture(page, PLACE);
  await people.cancel(assignment);
  await phone.offline(false);
  await sayOnline(page);
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
  expect((await people.submissions())[0]?.marks).toContain('assignment_cancelled');
});

test('a place that the plan lacks is proposed offline, with its picture, and both arrive in order', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  const phone = newPhone(server.url);
  const page = await phone.open();
  await enter(page, head.code);
  await phone.offline(true);
  await page.getByRole('button', { name: 'Thêm nơi còn thiếu' }).click();
  await page.getByLabel('Thôn, bản, tổ').fill('Thôn Nậm Rịa');
  await page.getByLabel('Tên nơi đó').fill('Cổng chợ phiên');
  await page.getByRole('button', { name: 'Lưu và chụp ảnh' }).click();
  const video = page.locator('video');
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.videoWidth))
    .toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Chụp', exact: true }).click();
  await page.getByRole('button', { name: 'Gửi', exact: true }).click();
  await toList(page);
  await expect(page.getByText('Cổng chợ phiên')).toBeVisible();
  await phone.offline(false);
  await sayOnline(page);
  await expect(chip(page, 'Đã gửi hết')).toBeVisible();
  const [arrived] = await people.submissions();
  expect((await people.assignment(arrived?.assignment_id ?? '')).state).toBe('proposed');
  await expect(page.getByRole('listitem').getByText('Cổng chợ phiên')).toBeVisible();
});
