// Tells every tab of this phone that something in the store changed.
// Refuses to say what: whoever hears it reads again.

const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('outbox') : null;
const listeners = new Set<() => void | Promise<void>>();

/** Calls `listener` after every change, in this tab and the others. */
export function onChange(listener: () => void | Promise<void>): void {
  listeners.add(listener);
  channel?.addEventListener('message', () => void listener());
}

/** Resolves when this tab's listeners have read again. */
export async function announce(): Promise<void> {
  channel?.postMessage('changed');
  await Promise.all([...listeners].map(async (listener) => listener()));
}
