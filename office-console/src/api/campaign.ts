// The campaign and its communes: asked once, the same for everybody.
// Refuses to name what the campaign does not know: a code or key without a name shows as itself.

import { signal } from '@preact/signals';
import { words } from '../text/text.ts';
import { fold } from '../ui/fold.ts';
import { api, ask } from './office.ts';

interface Words {
  readonly vi: string;
  readonly en: string;
}
interface Size {
  readonly height_m: number;
  readonly width_m: number;
}
export interface BannerGroup {
  readonly cell: string;
  readonly label: Words;
  readonly places: Words;
  readonly sizes: readonly Size[];
  readonly headline: string;
  readonly note: Words | null;
  readonly due: string;
}
export interface Commitment {
  readonly cell: string;
  readonly label: Words;
  readonly signers: Words;
  readonly due: string;
}
export interface Campaign {
  readonly id: string;
  readonly name: Words;
  readonly cells: readonly string[];
  readonly banners: {
    readonly lines: readonly string[];
    readonly groups: readonly BannerGroup[];
    readonly size_note: Words;
  };
  readonly commitments: readonly Commitment[];
}
export interface Commune {
  readonly code: string;
  readonly name: string;
  /** `xã` or `phường`, as it is written before the name. */
  readonly kind: string;
}

export const campaign = signal<Campaign | null>(null);
export const communes = signal<ReadonlyMap<string, Commune>>(new Map());

export async function loadCampaign(): Promise<void> {
  const [definition, list] = await Promise.all([
    ask(api.GET('/api/v1/campaign')),
    ask(api.GET('/api/v1/communes')),
  ]);
  campaign.value = definition as unknown as Campaign;
  communes.value = new Map((list as unknown as Commune[]).map((commune) => [commune.code, commune]));
}

export function communeName(code: string): string {
  return communes.value.get(code)?.name ?? code;
}

/** The name with its kind: `xã Y Tý`. */
export function communeTitle(code: string): string {
  const commune = communes.value.get(code);
  if (commune === undefined) return code;
  return `${commune.kind} ${commune.name}`;
}

export function bannerGroup(cell: string): BannerGroup | undefined {
  return campaign.value?.banners.groups.find((group) => group.cell === cell);
}

/** `Nhóm 2`, or the commitment's own name. */
export function cellLabel(cell: string): string {
  const found =
    bannerGroup(cell) ?? campaign.value?.commitments.find((commitment) => commitment.cell === cell);
  return found === undefined ? cell : words(found.label);
}

/** What the column means, for hover and focus. */
export function cellMeaning(cell: string): string {
  const group = bannerGroup(cell);
  if (group !== undefined) return `${words(group.label)}: ${words(group.places)}`;
  const commitment = campaign.value?.commitments.find((each) => each.cell === cell);
  return commitment === undefined ? cell : `${words(commitment.label)}: ${words(commitment.signers)}`;
}

/** The campaign's own due day for a cell. */
export function dueOf(cell: string): string {
  const commitment = campaign.value?.commitments.find((each) => each.cell === cell);
  return bannerGroup(cell)?.due ?? commitment?.due ?? '';
}

/** The communes whose names hold these letters, whatever the accents. */
export function communesLike(letters: string): Commune[] {
  const wanted = fold(letters);
  return [...communes.value.values()].filter(
    (commune) => fold(commune.name).includes(wanted) || commune.code.startsWith(letters.trim()),
  );
}
