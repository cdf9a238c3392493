// The tip line's cryptography: what opens, for whom, and what is refused. Pure, without a browser's page.

import { boxFace, openBox, sealBox } from '@minhchung/web-shared/tip/box.ts';
import { random, toHex, utf8 } from '@minhchung/web-shared/tip/bytes.ts';
import {
  deskPublic,
  fingerprint,
  newDeskSeeds,
  unwrapDeskSeeds,
  WRAPPED_BYTES,
  wrapDeskSeeds,
} from '@minhchung/web-shared/tip/desk-key.ts';
import { opener, sealKeyOf } from '@minhchung/web-shared/tip/hpke.ts';
import { type Message, MessageTooLarge } from '@minhchung/web-shared/tip/message.ts';
import { openPin, sealPin } from '@minhchung/web-shared/tip/pin.ts';
import { solvePuzzle } from '@minhchung/web-shared/tip/puzzle.ts';
import { digitsOf, groupsOf, isReceipt, newReceipt } from '@minhchung/web-shared/tip/receipt.ts';
import { openReply, REPLY_TEXT_MAX_BYTES, sealReply } from '@minhchung/web-shared/tip/reply.ts';
import { verifyKeyOf } from '@minhchung/web-shared/tip/signature.ts';
import { boxBytes, REPLY_BYTES } from '@minhchung/web-shared/tip/sizes.ts';
import { mailboxOf, namesOf, type ThreadKeys, threadKeys } from '@minhchung/web-shared/tip/thread-keys.ts';
import { expect, test } from '@playwright/test';

/** A person with a receipt, without the costly derivation. */
async function person(): Promise<ThreadKeys> {
  const seeds = { replySeed: random(32), signingSeed: random(32) };
  return { ...seeds, ...(await namesOf(seeds)), pinKey: random(32) };
}

function said(keys: ThreadKeys, changes: Partial<Message> = {}): Message {
  return {
    text: 'Có người bán ở quán đầu bản, tối nào cũng đông.\nXin giữ kín.',
    category: 'selling',
    commune: '02647',
    writtenOn: '2026-03-01',
    verifyKey: keys.verifyKey,
    replyKey: keys.replyKey,
    pictures: [],
    ...changes,
  };
}

async function sealed(keys: ThreadKeys, sealKeys: readonly Uint8Array[], changes: Partial<Message> = {}) {
  const message = said(keys, changes);
  const pin = sealPin(keys, [random(32)]);
  return sealBox({ mailbox: keys.mailbox, message, signingSeed: keys.signingSeed, pin, sealKeys });
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

test('a receipt has a check digit that finds one wrong digit and two swapped ones', () => {
  for (let round = 0; round < 20; round += 1) {
    const receipt = newReceipt();
    expect(isReceipt(receipt)).toBe(true);
    expect(digitsOf(` ${groupsOf(receipt).join(' - ')}\n`)).toBe(receipt);
    for (let at = 0; at < receipt.length; at += 1) {
      const wrong = String((Number(receipt[at]) + 1 + (round % 9)) % 10);
      if (wrong !== receipt[at]) {
        expect(isReceipt(receipt.slice(0, at) + wrong + receipt.slice(at + 1))).toBe(false);
      }
      const [one, two] = [receipt[at], receipt[at + 1]];
      if (one === two || one === undefined || two === undefined) continue;
      expect(isReceipt(receipt.slice(0, at) + two + one + receipt.slice(at + 2))).toBe(false);
    }
  }
  // The published example of Damm's table.
  expect(isReceipt(`${'0'.repeat(21)}5724`)).toBe(true);
});

test('every digit of a receipt is as likely as another', () => {
  const counts = new Array<number>(10).fill(0);
  for (let round = 0; round < 2000; round += 1) {
    for (const digit of newReceipt().slice(0, 24)) counts[Number(digit)] = (counts[Number(digit)] ?? 0) + 1;
  }
  // 48,000 digits: six standard deviations of 66 around 4,800.
  for (const count of counts) expect(Math.abs(count - 4800)).toBeLessThan(400);
});

test('the same receipt gives the same keys, another one others', async () => {
  const receipt = newReceipt();
  const [one, again, other] = [
    await threadKeys(receipt),
    await threadKeys(receipt),
    await threadKeys(newReceipt()),
  ];
  expect(again).toEqual(one);
  const all = [one, other].flatMap((keys) =>
    [keys.mailbox, keys.replySeed, keys.signingSeed, keys.pinKey].map((bytes) => toHex(bytes)),
  );
  expect(new Set(all).size).toBe(8);
  await expect(threadKeys(receipt.slice(0, 24))).rejects.toThrow();
});

test('a mailbox is named after both keys of its person, and after no others', async () => {
  const [one, other] = [await person(), await person()];
  expect(mailboxOf(one.verifyKey, one.replyKey)).toEqual(one.mailbox);
  for (const [verifyKey, replyKey] of [
    [other.verifyKey, one.replyKey],
    [one.verifyKey, other.replyKey],
    [other.verifyKey, other.replyKey],
  ] as const)
    expect(mailboxOf(verifyKey, replyKey)).not.toEqual(one.mailbox);
});

test('each active key of the desk opens a box, nobody else does, and it says what was written', async () => {
  const keys = await person();
  const seeds = await Promise.all([random(32), random(32), random(32)].map((seed) => opener(seed)));
  const raw = [random(32), random(32)];
  const box = await sealed(keys, await Promise.all(raw.map((seed) => sealKeyOf(seed))));
  for (const seed of raw) {
    const opened = await openBox(box, [await opener(seed)]);
    if (typeof opened === 'string') throw new Error(opened);
    expect(opened.message).toEqual(said(keys));
    expect(opened.isSignedBy(verifyKeyOf(keys.signingSeed))).toBe(true);
    expect(opened.isSignedBy((await person()).verifyKey)).toBe(false);
    expect(opened.mailbox).toEqual(keys.mailbox);
  }
  expect(await openBox(box, seeds)).toBe('not_for_us');
});

test('a box has one of three lengths, whatever is in it, and its slots do not repeat', async () => {
  const keys = await person();
  const seed = random(32);
  const sealKeys = [await sealKeyOf(seed)];
  const picture = random(60_000);
  for (const [count, size] of [
    [0, 'text'],
    [1, 'one_picture'],
    [2, 'three_pictures'],
    [3, 'three_pictures'],
  ] as const) {
    const pictures = Array.from({ length: count }, () => picture);
    const box = await sealed(keys, sealKeys, { text: 'x'.repeat(count * 100), pictures });
    expect(box.length).toBe(boxBytes(size));
    expect(boxFace(box)?.size).toBe(size);
    const opened = await openBox(box, [await opener(seed)]);
    if (typeof opened === 'string') throw new Error(opened);
    expect(opened.message.pictures).toEqual(pictures);
    const slots = Array.from({ length: 8 }, (_, slot) =>
      toHex(box.subarray(64 + slot * 1168, 64 + (slot + 1) * 1168)),
    );
    expect(new Set(slots).size).toBe(8);
  }
  await expect(sealed(keys, sealKeys, { text: 'ă'.repeat(8000) })).rejects.toThrow(MessageTooLarge);
  await expect(
    sealed(keys, sealKeys, { pictures: [random(60_000), new Uint8Array(600_000)] }),
  ).rejects.toThrow(MessageTooLarge);
  await expect(sealed(keys, [])).rejects.toThrow();
});

test('a box altered anywhere does not open', async () => {
  const keys = await person();
  const seed = random(32);
  const box = await sealed(keys, [await sealKeyOf(seed)]);
  const readers = [await opener(seed)];
  for (const at of [0, 4, 5, 6, 9, 20, 40]) {
    expect(typeof (await openBox(flipped(box, at), readers)), String(at)).toBe('string');
  }
  // Any slot, also a foreign or an unused one, the pin, the payload and its tag.
  for (const at of [64, 5000, 9407, 9408, 13_000, 13_504, 32_767]) {
    expect(typeof (await openBox(flipped(box, at), readers)), String(at)).toBe('string');
  }
  expect(await openBox(box.slice(0, -1), readers)).toBe('not_a_box');
});

test('only the person opens the pin, and only for this mailbox', async () => {
  const keys = await person();
  const officers = [random(32), random(32)];
  const pin = sealPin(keys, officers);
  expect(pin.length).toBe(4096);
  expect(openPin(keys, pin)).toEqual(officers);
  expect(openPin(await person(), pin)).toBeNull();
  expect(openPin({ ...keys, mailbox: random(16) }, pin)).toBeNull();
  expect(openPin(keys, flipped(pin, 100))).toBeNull();
  expect(openPin(keys, random(4096))).toBeNull();
});

test('an answer opens for its person alone, and only when a pinned officer signed it', async () => {
  const keys = await person();
  const officer = random(32);
  const pinned = [random(32), verifyKeyOf(officer)];
  const said = { number: 7, writtenOn: '2026-03-02', text: 'Cảm ơn bà con. Tối mai chúng tôi đến.' };
  const answer = await sealReply(keys, officer, said);
  expect(answer.length).toBe(REPLY_BYTES);
  expect(await openReply(keys, pinned, answer)).toMatchObject(said);
  expect(await openReply(keys, [random(32)], answer)).toBeNull();
  expect(await openReply(keys, [], answer)).toBeNull();
  expect(await openReply(await person(), pinned, answer)).toBeNull();
  expect(await openReply({ ...keys, mailbox: random(16) }, pinned, answer)).toBeNull();
  for (const at of [0, 1119, 1120, 2000, 4095])
    expect(await openReply(keys, pinned, flipped(answer, at))).toBeNull();
  expect(await openReply(keys, pinned, await sealReply(keys, random(32), said))).toBeNull();
  const longest = { ...said, text: 'a'.repeat(REPLY_TEXT_MAX_BYTES) };
  expect(await openReply(keys, pinned, await sealReply(keys, officer, longest))).toMatchObject(longest);
  for (const wrong of [
    { text: `${longest.text}a` },
    { number: 0 },
    { number: 1.5 },
    { writtenOn: 'hôm nay' },
  ])
    await expect(sealReply(keys, officer, { ...said, ...wrong })).rejects.toThrow();
});

test('an officer’s keys come back with the passphrase, however its accents are typed, and not without', async () => {
  const seeds = newDeskSeeds();
  const wrapped = await wrapDeskSeeds(seeds, 'một câu thật dài');
  expect(wrapped.length).toBe(WRAPPED_BYTES);
  expect(await unwrapDeskSeeds(wrapped, 'một câu thật dài'.normalize('NFD'))).toEqual(seeds);
  expect(await unwrapDeskSeeds(wrapped, 'một câu thật ngắn')).toBeNull();
  expect(await unwrapDeskSeeds(flipped(wrapped, 50), 'một câu thật dài')).toBeNull();
  const { sealKey, verifyKey } = await deskPublic(seeds);
  expect(fingerprint(sealKey, verifyKey)).toMatch(/^(?:[\da-f]{4} ){7}[\da-f]{4}$/);
  expect(fingerprint(sealKey, null)).not.toBe(fingerprint(sealKey, verifyKey));
});

test('the puzzle is solved part by part, and stops when it is told to', async () => {
  const challenge = new Uint8Array(64);
  challenge[0] = 1;
  challenge.set(utf8('mot thu thach'), 8);
  const seen: number[] = [];
  const solution = await solvePuzzle(challenge, { onProgress: (done) => seen.push(done) });
  expect(solution.length).toBe(32);
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  const stop = new AbortController();
  const stopped = solvePuzzle(challenge, { signal: stop.signal, onProgress: () => stop.abort() });
  await expect(stopped).rejects.toThrow();
});
