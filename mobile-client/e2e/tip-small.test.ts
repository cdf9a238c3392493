// An old phone and an old office machine: 512 MB of memory, a sixth of a core. Puzzle and key derivations finish there.
// The figures are printed; nothing is asserted about time but a deadline that no person would wait for.

import { PASSWORD, TestServer } from '@minhchung/web-shared/e2e/server';
import { expect, test } from '@playwright/test';
import vi from '../src/tip/text/vi.json' with { type: 'json' };
import { citizen, comeBack, hasArrived, openPage, press, send, write } from './citizen.ts';
import { SmallMachine } from './small-machine.ts';
import { DESK_PASSPHRASE, TestDesk } from './tip-desk.ts';

const MEMORY_MIB = 512;
const SHARE = 1 / 6;

test.describe.configure({ timeout: 420_000 });

test('512 MB are enough for the receipt’s keys, the puzzle and an officer’s passphrase', async () => {
  const machine = await SmallMachine.start(MEMORY_MIB);
  if (typeof machine === 'string') {
    test.skip(true, `not run (${machine})`);
    return;
  }
  const server = await TestServer.start({ roles: ['tip_officer'] });
  const desk = await TestDesk.open(server);
  const context = await citizen(machine.browser);
  const page = await context.newPage();
  await openPage(page, server.url);
  await write(page, 'Máy cũ, ít bộ nhớ.');
  const receipt = await send(page);
  await page.reload();
  await comeBack(page, receipt);
  await expect(page.getByText(vi['mailbox.none'])).toBeVisible();
  expect((await desk.readAll()).map((one) => one.message.text)).toEqual(['Máy cũ, ít bộ nhớ.']);
  await context.close();

  const office = await machine.browser.newContext({ viewport: { width: 1024, height: 700 } });
  const door = await office.newPage();
  await door.goto(`${server.url}/ban-tin/`);
  await door.locator('input[name=username]').fill('tip_officer');
  await door.locator('input[name=password]').fill(PASSWORD);
  await door.getByRole('button', { name: 'Vào bàn tin' }).click();
  await door.getByLabel('Câu mật khẩu').fill(DESK_PASSPHRASE);
  await door.getByRole('button', { name: 'Mở khóa' }).click();
  await expect(door.locator('.tip-table tbody tr')).toHaveCount(1, { timeout: 90_000 });
  console.log(`512 MB: the browser took ${machine.peakMib().toFixed(0)} MiB at most`);
  await machine.end();
  await server.end();
});

test('a sixth of a core solves the puzzle and derives the keys while somebody writes', async () => {
  const machine = await SmallMachine.start(2048);
  if (typeof machine === 'string') {
    test.skip(true, `not run (${machine})`);
    return;
  }
  const server = await TestServer.start({ roles: ['tip_officer'] });
  await TestDesk.open(server);
  const page = await (await citizen(machine.browser)).newPage();
  await openPage(page, server.url);
  machine.slowDown(SHARE);
  const [began, used] = [performance.now(), machine.coreSeconds()];
  await press(page, 'start.write');
  await expect(page.getByText(vi['write.ready'])).toBeVisible({ timeout: 180_000 });
  const ready = performance.now();
  console.log(
    `a sixth of a core: puzzle and receipt's keys after ${((ready - began) / 1000).toFixed(1)} s, of which ${(
      machine.coreSeconds() - used
    ).toFixed(1)} s of a core`,
  );
  await page.getByLabel(vi['write.text']).fill('Điện thoại cũ.');
  await press(page, 'write.send');
  await hasArrived(page);
  console.log(
    `a sixth of a core: from “Gửi” to the receipt ${((performance.now() - ready) / 1000).toFixed(1)} s`,
  );
  await machine.end();
  await server.end();
});
