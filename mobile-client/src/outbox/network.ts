// What the system says of the network, used for the switch "only on Wi-Fi" alone.
// Refuses to say whether there is a network: the last real request does.

export interface Connection extends EventTarget {
  readonly type?: string;
}

export function connection(): Connection | null {
  return (navigator as Navigator & { connection?: Connection }).connection ?? null;
}

/** Whether the system says that this is no Wi-Fi; a system that does not tell is believed to be free. */
export function costsMoney(): boolean {
  const type = connection()?.type;
  return type !== undefined && type !== 'wifi' && type !== 'ethernet';
}
