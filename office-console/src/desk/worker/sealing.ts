// What the desk seals: an answer to the person, a note to itself, and what somebody told an officer.
// Refuses to sign with a key that is not open here.

import { type BoxFailure, type OpenedBox, openBox, sealBox } from '@minhchung/web-shared/tip/box.ts';
import { fromBase64, join, random, toBase64 } from '@minhchung/web-shared/tip/bytes.ts';
import { sealPin } from '@minhchung/web-shared/tip/pin.ts';
import { digitsOf, isReceipt, newReceipt } from '@minhchung/web-shared/tip/receipt.ts';
import { sealReply } from '@minhchung/web-shared/tip/reply.ts';
import { verifyKeyOf } from '@minhchung/web-shared/tip/signature.ts';
import { NONCE_BYTES, PIN_BYTES } from '@minhchung/web-shared/tip/sizes.ts';
import { forget, mailboxOf, threadKeys } from '@minhchung/web-shared/tip/thread-keys.ts';
import { refusalOf } from './jpeg.ts';
import type { Keyring } from './keyring.ts';
import type { Opened, Picture, Work, WorkFailure } from './messages.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export class WorkFailed extends Error {
  constructor(readonly failure: WorkFailure) {
    super(failure);
  }
}

export async function open(ring: Keyring, asked: Work['open']['question']): Promise<Opened> {
  const box = fromBase64(asked.box);
  let failure: BoxFailure = 'not_for_us';
  for (const key of ring.all) {
    const opened = await openBox(box, [key.opener]);
    if (typeof opened !== 'string') return said(opened, key.id, asked.mailbox);
    if (opened !== 'not_for_us') failure = opened;
  }
  return { failure };
}

function said(opened: OpenedBox, openedWith: string, mailbox: string): Opened {
  // A box that the server shows in another thread than the one it was sealed for.
  if (toBase64(opened.mailbox) !== mailbox) return { failure: 'other_mailbox' };
  const { message } = opened;
  const isSigned = opened.isSignedBy(message.verifyKey);
  return {
    text: message.text,
    category: message.category,
    commune: message.commune,
    writtenOn: message.writtenOn,
    verifyKey: toBase64(message.verifyKey),
    replyKey: toBase64(message.replyKey),
    isSigned,
    isInformants: isSigned && toBase64(mailboxOf(message.verifyKey, message.replyKey)) === mailbox,
    openedWith,
    pictures: message.pictures.map((bytes): Picture => {
      const refused = refusalOf(bytes);
      return refused === null ? { bytes } : { refused };
    }),
  };
}

export function answer(ring: Keyring, asked: Work['answer']['question']): Promise<Bytes> {
  const to = { mailbox: fromBase64(asked.mailbox), replyKey: fromBase64(asked.replyKey) };
  return sealReply(to, signerOf(ring, asked.signer).seed, asked.answer);
}

export async function note(ring: Keyring, asked: Work['note']['question']): Promise<Bytes> {
  const signer = signerOf(ring, asked.signer);
  const box = await sealBox({
    mailbox: fromBase64(asked.mailbox),
    message: {
      text: asked.text,
      category: null,
      commune: null,
      writtenOn: asked.today,
      verifyKey: verifyKeyOf(signer.seed),
      replyKey: fromBase64(signer.sealKey),
      pictures: [],
    },
    signingSeed: signer.seed,
    pin: random(PIN_BYTES),
    sealKeys: asked.readers.sealKeys.map(fromBase64),
  });
  return framed(box);
}

export async function told(asked: Work['told']['question']): Promise<Work['told']['answer']> {
  const receipt = asked.told.receipt === null ? newReceipt() : digitsOf(asked.told.receipt);
  if (!isReceipt(receipt)) throw new WorkFailed('wrong_receipt');
  const keys = await threadKeys(receipt);
  const box = await sealBox({
    mailbox: keys.mailbox,
    message: {
      text: asked.told.text,
      category: asked.told.category,
      commune: asked.told.commune,
      writtenOn: asked.told.today,
      verifyKey: keys.verifyKey,
      replyKey: keys.replyKey,
      pictures: [],
    },
    signingSeed: keys.signingSeed,
    pin: sealPin(keys, asked.readers.verifyKeys.map(fromBase64)),
    sealKeys: asked.readers.sealKeys.map(fromBase64),
  });
  forget(keys);
  return { frame: framed(box), receipt };
}

/** With the nonce in front: the same bytes again are the same box. */
function framed(box: Bytes): Bytes {
  return join(random(NONCE_BYTES), box);
}

function signerOf(ring: Keyring, id: string): { seed: Bytes; sealKey: string } {
  const signer = ring.signing(id);
  if (signer === null) throw new WorkFailed('unknown_key');
  return signer;
}
