// The outbox without a page: the same sender under the same lock, woken by the system (Background Sync).
// Refuses to go over mobile data where the person wants Wi-Fi, and to say "done" while something waits.

import { answerIn } from '../api/language.ts';
import { readSession } from '../api/session.ts';
import { meta } from '../outbox/database.ts';
import { costsMoney } from '../outbox/network.ts';
import { hurry, sendAll, stillWaits } from '../outbox/sender.ts';

/** Resolves when nothing waits that could be sent, or when a person has to sign in first. */
export async function sendWithoutPage(): Promise<void> {
  await readSession();
  const settings = await meta('settings');
  answerIn(() => settings?.language ?? 'vi');
  await hurry();
  // A page that sends holds the lock; should it die meanwhile, this goes on where it was.
  await sendAll({ mayUseNetwork: () => !(settings?.wifiOnly === true && costsMoney()) });
  if (await stillWaits()) throw new Error('something waits for a better network');
}
