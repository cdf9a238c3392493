// The committed vectors: what the browser wrote and what the server's language wrote, each opened here, and there too.
// MINHCHUNG_WRITE_VECTORS=1 makes the browser's entries anew and leaves the others as they are.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBox, sealBox } from '@minhchung/web-shared/tip/box.ts';
import { fromBase64, random, readU32, toBase64, u32 } from '@minhchung/web-shared/tip/bytes.ts';
import { argon2id, sha256 } from '@minhchung/web-shared/tip/ciphers.ts';
import {
  deskKeyProof,
  deskPublic,
  fingerprint,
  newDeskSeeds,
  unwrapDeskSeeds,
  wrapDeskSeeds,
} from '@minhchung/web-shared/tip/desk-key.ts';
import { opener, sealKeyOf } from '@minhchung/web-shared/tip/hpke.ts';
import { openPin, sealPin } from '@minhchung/web-shared/tip/pin.ts';
import { solvePuzzle } from '@minhchung/web-shared/tip/puzzle.ts';
import { newReceipt } from '@minhchung/web-shared/tip/receipt.ts';
import { openReply, sealReply } from '@minhchung/web-shared/tip/reply.ts';
import { mailboxOf, threadKeys } from '@minhchung/web-shared/tip/thread-keys.ts';
import { expect, test } from '@playwright/test';

const FILE = join(import.meta.dirname, '../../api-spec/tip-vectors.json');
const TEXT = 'Dưới gầm cầu treo, tối thứ bảy nào cũng có người đến đổi hàng.';
const ANSWER = {
  number: 2,
  writtenOn: '2026-03-11',
  text: 'Đã nhận. Bà con đừng đến gần chỗ đó nữa.',
};

type MadeBy = 'browser' | 'rust';
/** Bytes are base64. */
interface Chain extends Record<ChainBytes, string> {
  readonly made_by: MadeBy;
  readonly officers: readonly Record<
    'seal_seed' | 'signing_seed' | 'seal_key' | 'verify_key' | 'binding' | 'fingerprint',
    string
  >[];
  readonly category: string;
  readonly commune: string;
  readonly written_on: string;
  readonly text: string;
  readonly reply_text: string;
  readonly reply_number: number;
  readonly reply_written_on: string;
}
type ChainBytes =
  | 'receipt'
  | 'mailbox'
  | 'reply_seed'
  | 'reply_key'
  | 'signing_seed'
  | 'pin_key'
  | 'recovery_seed'
  | 'box'
  | 'reply';
interface Wrapped extends Record<'passphrase' | 'seal_seed' | 'signing_seed' | 'wrapped', string> {
  readonly made_by: MadeBy;
}
interface Puzzle extends Record<'challenge' | 'solution', string> {
  readonly made_by: MadeBy;
  readonly level: number;
}
interface Vectors {
  readonly chains: readonly Chain[];
  readonly desk_keys: readonly Wrapped[];
  readonly puzzles: readonly Puzzle[];
}

async function chain(): Promise<Chain> {
  const receipt = newReceipt();
  const keys = await threadKeys(receipt);
  const seeds = [newDeskSeeds(), newDeskSeeds()];
  const publics = await Promise.all(seeds.map(deskPublic));
  const recovery = random(32);
  const { replyKey, verifyKey } = keys;
  const box = await sealBox({
    mailbox: keys.mailbox,
    message: {
      text: TEXT,
      category: 'selling',
      commune: '02671',
      writtenOn: '2026-03-09',
      verifyKey,
      replyKey,
      pictures: [],
    },
    signingSeed: keys.signingSeed,
    pin: sealPin(
      keys,
      publics.map((one) => one.verifyKey),
    ),
    sealKeys: [...publics.map((one) => one.sealKey), await sealKeyOf(recovery)],
  });
  const officer = seeds[0] ?? newDeskSeeds();
  return {
    made_by: 'browser',
    receipt,
    mailbox: toBase64(keys.mailbox),
    reply_seed: toBase64(keys.replySeed),
    reply_key: toBase64(replyKey),
    signing_seed: toBase64(keys.signingSeed),
    pin_key: toBase64(keys.pinKey),
    officers: seeds.map((own, index) => {
      const { sealKey, verifyKey } = publics[index] ?? { sealKey: random(0), verifyKey: random(0) };
      return {
        seal_seed: toBase64(own.sealSeed),
        signing_seed: toBase64(own.signingSeed),
        seal_key: toBase64(sealKey),
        verify_key: toBase64(verifyKey),
        binding: toBase64(deskKeyProof(own, sealKey)),
        fingerprint: fingerprint(sealKey, verifyKey),
      };
    }),
    recovery_seed: toBase64(recovery),
    box: toBase64(box),
    text: TEXT,
    category: 'selling',
    commune: '02671',
    written_on: '2026-03-09',
    reply: toBase64(await sealReply(keys, officer.signingSeed, ANSWER)),
    reply_text: ANSWER.text,
    reply_number: ANSWER.number,
    reply_written_on: ANSWER.writtenOn,
  };
}

async function wrapped(): Promise<Wrapped> {
  const seeds = newDeskSeeds();
  const passphrase = 'mưa rừng rả rích suốt đêm';
  return {
    made_by: 'browser',
    passphrase,
    seal_seed: toBase64(seeds.sealSeed),
    signing_seed: toBase64(seeds.signingSeed),
    wrapped: toBase64(await wrapDeskSeeds(seeds, passphrase)),
  };
}

async function puzzle(): Promise<Puzzle> {
  const challenge = random(64);
  challenge.set([1, 0, 0, 0, ...u32(1_790_000_000)]);
  const solution = await solvePuzzle(challenge);
  return { made_by: 'browser', level: 0, challenge: toBase64(challenge), solution: toBase64(solution) };
}

async function vectors(): Promise<Vectors> {
  const stored = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Partial<Vectors>) : {};
  const { chains = [], desk_keys = [], puzzles = [] } = stored;
  if (process.env['MINHCHUNG_WRITE_VECTORS'] === undefined) return { chains, desk_keys, puzzles };
  const isForeign = (entry: { made_by: MadeBy }) => entry.made_by !== 'browser';
  const made = {
    chains: [...chains.filter(isForeign), await chain()],
    desk_keys: [...desk_keys.filter(isForeign), await wrapped()],
    puzzles: [...puzzles.filter(isForeign), await puzzle()],
  };
  writeFileSync(FILE, `${JSON.stringify(made, null, 2)}\n`);
  return made;
}

const all = vectors();

test('every committed message and answer opens, whoever made it', async () => {
  const { chains } = await all;
  expect(chains.some((one) => one.made_by === 'browser')).toBe(true);
  expect(chains.some((one) => one.made_by === 'rust')).toBe(true);
  for (const one of chains) await checkChain(one);
});

test('every committed desk key unwraps, whoever made it', async () => {
  for (const one of (await all).desk_keys) {
    const seeds = await unwrapDeskSeeds(fromBase64(one.wrapped), one.passphrase);
    expect(seeds).toEqual({
      sealSeed: fromBase64(one.seal_seed),
      signingSeed: fromBase64(one.signing_seed),
    });
  }
});

test('every committed puzzle is solved by its solution, whoever made it', async () => {
  for (const one of (await all).puzzles) {
    const challenge = fromBase64(one.challenge);
    const solution = fromBase64(one.solution);
    expect([challenge[1], solution.length]).toEqual([one.level, 32]);
    let state = sha256(challenge);
    for (let part = 0; part < 8; part += 1) {
      const count = solution.subarray(part * 4, part * 4 + 4);
      const hash = await argon2id(count, state.subarray(0, 16), { memoryKib: 1024, passes: 1 });
      expect(readU32(hash.slice(0, 4).reverse(), 0) >>> (32 - 5 - one.level)).toBe(0);
      state = sha256(state, hash);
    }
  }
});

async function checkChain(one: Chain): Promise<void> {
  const keys = await threadKeys(one.receipt);
  expect(toBase64(keys.mailbox)).toBe(one.mailbox);
  expect(toBase64(keys.replySeed)).toBe(one.reply_seed);
  expect(toBase64(keys.signingSeed)).toBe(one.signing_seed);
  expect(toBase64(keys.pinKey)).toBe(one.pin_key);
  expect(toBase64(keys.replyKey)).toBe(one.reply_key);
  expect(mailboxOf(keys.verifyKey, keys.replyKey)).toEqual(keys.mailbox);
  for (const officer of one.officers) {
    const seeds = {
      sealSeed: fromBase64(officer.seal_seed),
      signingSeed: fromBase64(officer.signing_seed),
    };
    const { sealKey, verifyKey } = await deskPublic(seeds);
    expect(toBase64(sealKey)).toBe(officer.seal_key);
    expect(toBase64(verifyKey)).toBe(officer.verify_key);
    expect(toBase64(deskKeyProof(seeds, sealKey))).toBe(officer.binding);
    expect(fingerprint(sealKey, verifyKey)).toBe(officer.fingerprint);
  }
  const box = fromBase64(one.box);
  for (const seed of [...one.officers.map((officer) => officer.seal_seed), one.recovery_seed]) {
    const opened = await openBox(box, [await opener(fromBase64(seed))]);
    if (typeof opened === 'string') throw new Error(`${one.made_by}: ${opened}`);
    const { text, category, commune, writtenOn, replyKey, verifyKey } = opened.message;
    expect({ text, category, commune, written_on: writtenOn }).toEqual({
      text: one.text,
      category: one.category,
      commune: one.commune,
      written_on: one.written_on,
    });
    expect(toBase64(replyKey)).toBe(one.reply_key);
    expect(opened.isSignedBy(verifyKey)).toBe(true);
    expect(verifyKey).toEqual(keys.verifyKey);
    expect(mailboxOf(verifyKey, replyKey)).toEqual(opened.mailbox);
  }
  const pinned = openPin(keys, box.subarray(9408, 13_504));
  expect(pinned?.map((key) => toBase64(key))).toEqual(one.officers.map((officer) => officer.verify_key));
  const reply = fromBase64(one.reply);
  expect(await openReply(keys, pinned ?? [], reply)).toMatchObject({
    text: one.reply_text,
    number: one.reply_number,
    writtenOn: one.reply_written_on,
  });
  expect(await openReply(keys, [random(32)], reply)).toBeNull();
}
