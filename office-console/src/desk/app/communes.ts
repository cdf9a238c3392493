// The names of communes, asked once after log-in. Refuses to wait: a code without its name shows as itself.

import { signal } from '@preact/signals';
import { communes as askCommunes } from '../api/desk.ts';
import type { Commune } from '../api/wire.ts';

export const communes = signal<readonly Commune[]>([]);

export async function loadCommunes(): Promise<void> {
  if (communes.value.length === 0) communes.value = await askCommunes();
}

export function communeWord(code: string): string {
  const found = communes.value.find((commune) => commune.code === code);
  return found === undefined ? code : titleOf(found);
}

export const titleOf = (commune: Commune) => `${commune.kind} ${commune.name}`;
