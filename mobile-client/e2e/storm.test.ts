// Fifty submissions through a terrible network: all of them arrive, each exactly once, without wasting the person's money.

import type { TestPeople } from '@minhchung/web-shared/e2e/people';
import { CuttingProxy } from './cutting-proxy.ts';
import { killBrowser } from './kill.ts';
import { chip, enter, expect, type Phone, test } from './phone.ts';
import { fillOutbox, sayOnline, storedItems } from './stored.ts';

const DEADLINE_MS = 150_000;

async function planned(people: TestPeople, head: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1)
    ids.push((await people.plan(head, { place: `Điểm ${index}` })).id);
  return ids;
}

async function started(phone: Phone, code: string) {
  const page = await phone.open();
  await enter(page, code);
  return page;
}

for (const seed of [1, 2, 3]) {
  test(`fifty submissions of three pictures arrive exactly once through cuts, lost answers, 502 and 503, two tabs and a killed browser (seed ${seed})`, async ({
    server,
    people,
    newPhone,
  }) => {
    test.setTimeout(DEADLINE_MS + 60_000);
    const head = await people.head();
    const assignments = await planned(people, head.id, 50);
    const proxy = await CuttingProxy.before(server.address, seed);
    const phone = newPhone(proxy.url);
    let page = await started(phone, head.code);
    await phone.offline(true);
    await fillOutbox(page, assignments, 3, 220);
    const ids = new Set((await storedItems(page)).map((item) => item.id));
    expect(ids.size).toBe(50);

    proxy.make({ cutEvery: 150_000, loseAnswers: 0.04, answerBusy: 0.03, delayMs: 10 });
    await phone.offline(false);
    await sayOnline(page);
    await phone.tab();
    await expect
      .poll(async () => (await people.submissions()).length, { timeout: DEADLINE_MS })
      .toBeGreaterThanOrEqual(20);
    await killBrowser(phone.profile);
    await phone.forgetBrowser();

    page = await phone.open();
    const other = await phone.tab();
    await expect(chip(page, 'Đã gửi hết')).toBeVisible({ timeout: DEADLINE_MS });
    await expect(chip(other, 'Đã gửi hết')).toBeVisible();

    const arrived = await people.submissions();
    expect(arrived).toHaveLength(50);
    expect(new Set(arrived.map((submission) => submission.id))).toEqual(ids);
    expect(
      arrived.filter((submission) => submission.state !== 'pending' || submission.missing.length > 0),
    ).toEqual([]);
    const kept = await storedItems(page);
    expect(kept.filter((item) => item.stage !== 'received')).toEqual([]);
    expect(proxy.cuts + proxy.lost + proxy.busy).toBeGreaterThan(20);
    await proxy.end();
  });
}

for (const { cutEvery, most } of [
  { cutEvery: 250_000, most: 1.3 },
  { cutEvery: 100_000, most: 1.6 },
]) {
  test(`with a cut every ${cutEvery / 1000} KB at most ${most} times the pictures' bytes are sent`, async ({
    server,
    people,
    newPhone,
  }) => {
    test.setTimeout(DEADLINE_MS + 60_000);
    const head = await people.head();
    const assignments = await planned(people, head.id, 5);
    const proxy = await CuttingProxy.before(server.address, cutEvery);
    const phone = newPhone(proxy.url);
    const page = await started(phone, head.code);
    await phone.offline(true);
    // About 350 KB each, as a phone makes them.
    const bytes = await fillOutbox(page, assignments, 3, 740);
    await expect(chip(page, '15 ảnh chờ gửi')).toBeVisible();
    proxy.make({ cutEvery });
    proxy.bytesFromPhone = 0;
    await phone.offline(false);
    await sayOnline(page);
    await expect(chip(page, 'Đã gửi hết')).toBeVisible({ timeout: DEADLINE_MS });
    const ratio = proxy.bytesFromPhone / bytes;
    test.info().annotations.push({
      type: 'figure',
      description: `${ratio.toFixed(3)} × ${bytes} bytes, ${proxy.cuts} cuts`,
    });
    console.log(`cut every ${cutEvery}: ${ratio.toFixed(3)} times ${bytes} bytes, ${proxy.cuts} cuts`);
    expect(proxy.cuts).toBeGreaterThan(bytes / cutEvery / 2);
    expect(ratio).toBeLessThanOrEqual(most);
    await proxy.end();
  });
}
