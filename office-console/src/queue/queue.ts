// The queue as it is worked through: pages as far as they are wanted, who is at what, and where the reader stands.
// Refuses to move under the reader: what others decide is marked in its place, and new arrivals wait to be asked for.

import { signal } from '@preact/signals';
import type { OfficeEvent } from '../api/events.ts';
import { api, ask, done, Problem, type Submission, type SubmissionState } from '../api/office.ts';
import { decided, waitsAgain } from './decisions.ts';

export interface QueueFilter {
  readonly commune: string;
  readonly cell: string;
  readonly check: string;
  readonly order: string;
}

const PAGE = 50;
const CLAIM_MS = 90_000;

interface OtherClaim {
  readonly name: string;
  readonly until: number;
}

export class Queue {
  readonly items = signal<readonly Submission[]>([]);
  readonly at = signal(0);
  readonly isLoading = signal(true);
  readonly error = signal<unknown>(null);
  /** What others did to the records of the list. */
  readonly elsewhere = signal<ReadonlyMap<string, SubmissionState>>(new Map());
  /** Who else is at what. */
  readonly claims = signal<ReadonlyMap<string, OtherClaim>>(new Map());
  /** Arrived since the list was asked for. */
  readonly arrived = signal<ReadonlySet<string>>(new Set());
  private next: string | null = null;
  private isWhole = false;
  private known = new Set<string>();
  private turn = 0;
  /** The record that the reader picked from the list, whoever else is at it. */
  private chosen: string | null = null;
  /** Records that may have changed while nothing was heard. */
  private stale = new Set<string>();
  private readonly asked = new Set<string>();
  private expiry = 0;

  constructor(readonly filter: QueueFilter) {}

  get present(): Submission | null {
    return this.items.value[this.at.value] ?? null;
  }

  get hasMore(): boolean {
    return !this.isWhole;
  }

  /** Begins at the start. */
  async start(): Promise<void> {
    const turn = ++this.turn;
    this.next = null;
    this.isWhole = false;
    this.known = new Set();
    this.items.value = [];
    this.at.value = 0;
    this.arrived.value = new Set();
    this.elsewhere.value = new Map();
    this.stale = new Set();
    await Promise.all([this.more(turn), this.readClaims()]);
    if (turn === this.turn && !this.isFree(this.at.value)) await this.step(1);
  }

  /** Nobody reads it any more. */
  stop(): void {
    this.turn++;
    clearTimeout(this.expiry);
  }

  /** The next page. */
  async more(turn = this.turn): Promise<void> {
    if (this.isWhole) return;
    this.isLoading.value = true;
    this.error.value = null;
    try {
      const query = {
        state: 'pending' as const,
        limit: PAGE,
        ...Object.fromEntries(Object.entries(this.filter).filter(([, value]) => value !== '')),
        ...(this.next === null ? {} : { after: this.next }),
      };
      const page = await ask(api.GET('/api/v1/submissions', { params: { query } }));
      if (turn !== this.turn) return;
      const fresh = page.items.filter((item) => !this.known.has(item.id));
      for (const { id } of fresh) {
        this.known.add(id);
        waitsAgain(id);
      }
      this.items.value = [...this.items.value, ...fresh];
      this.next = page.next ?? null;
      this.isWhole = this.next === null;
    } catch (error) {
      if (turn === this.turn) this.error.value = error;
    } finally {
      if (turn === this.turn) this.isLoading.value = false;
    }
  }

  /** Whether the record at `index` waits for somebody and nobody else is at it. */
  isFree(index: number): boolean {
    const item = this.items.value[index];
    return item !== undefined && this.waits(item.id) && this.claimOf(item.id) === null;
  }

  private waits(id: string): boolean {
    return !decided.value.has(id) && !this.elsewhere.value.has(id);
  }

  claimOf(id: string): OtherClaim | null {
    const claim = this.claims.value.get(id);
    return claim !== undefined && claim.until > Date.now() ? claim : null;
  }

  /** How many records of the list wait while somebody else is at them. */
  get withOthers(): number {
    return this.items.value.filter(({ id }) => this.waits(id) && this.claimOf(id) !== null).length;
  }

  /** Goes to the next (1) or the one before (-1) that is free; stays where there is none. */
  async step(way: 1 | -1): Promise<void> {
    if (way === 1 && this.present === null && this.isWhole && this.arrived.value.size > 0) {
      await this.start();
      return;
    }
    for (let index = this.at.value + way; index >= 0; index += way) {
      if (index >= this.items.value.length) {
        const before = this.items.value.length;
        if (this.isWhole || this.error.value !== null) break;
        await this.more();
        if (this.items.value.length === before) break;
      }
      if (this.isFree(index)) {
        this.goTo(index);
        return;
      }
    }
    if (way !== 1) return;
    // What somebody else was at on the way may be free again: the end is reached when nothing is left behind.
    const behind = this.items.value.findIndex((_, index) => this.isFree(index));
    if (behind >= 0 && behind < this.at.value) this.goTo(behind);
    else this.at.value = Math.max(this.at.value, this.lastDecided());
  }

  /** Past the end when the present one is decided and nothing free follows. */
  private lastDecided(): number {
    const present = this.present;
    return present !== null && !this.isFree(this.at.value) && this.isWhole
      ? this.items.value.length
      : this.at.value;
  }

  /** Goes to a record because the reader wants that one. */
  choose(index: number): void {
    this.chosen = this.items.value[index]?.id ?? null;
    this.goTo(index);
  }

  wasChosen(id: string): boolean {
    return this.chosen === id;
  }

  private goTo(index: number): void {
    this.at.value = Math.max(0, Math.min(index, this.items.value.length - 1));
    if (this.at.value > this.items.value.length - 15) void this.more();
    const id = this.present?.id;
    if (id !== undefined && this.stale.delete(id)) void this.refresh(id);
  }

  /** At the end of the list, where nothing is left to look at: the first record that became free. */
  private resume(): void {
    if (this.present !== null || this.isLoading.value) return;
    const free = this.items.value.findIndex((_, index) => this.isFree(index));
    if (free >= 0) this.goTo(free);
  }

  /** What the server has by now of one record of the list. */
  async refresh(id: string): Promise<void> {
    if (!this.known.has(id) || this.asked.has(id)) return;
    this.asked.add(id);
    try {
      const fresh = await ask(api.GET('/api/v1/submissions/{id}', { params: { path: { id } } }));
      this.setElsewhere(id, fresh.state);
      if (fresh.state === 'pending')
        this.items.value = this.items.value.map((each) => (each.id === id ? fresh : each));
      this.resume();
    } catch (error) {
      if (error instanceof Problem && error.status === 404) this.setElsewhere(id, 'withdrawn');
      else this.stale.add(id);
    } finally {
      this.asked.delete(id);
    }
  }

  private setElsewhere(id: string, state: SubmissionState): void {
    const next = new Map(this.elsewhere.value);
    if (state === 'pending') next.delete(id);
    else next.set(id, state);
    this.elsewhere.value = next;
  }

  /** Goes back to a record whose decision was taken back. */
  show(submission: Submission): void {
    const index = this.items.value.findIndex((item) => item.id === submission.id);
    if (index >= 0) this.at.value = index;
    else {
      this.items.value = [submission, ...this.items.value];
      this.known.add(submission.id);
      this.at.value = 0;
    }
  }

  hear(event: OfficeEvent): void {
    if (event.kind === 'claim') this.setClaim(event.submission, event.own === true ? null : event.name);
    if (event.kind === 'reload') this.doubt();
    if (event.kind === 'queue') this.hearQueue(event);
    this.resume();
  }

  private hearQueue({ submission, state, commune, cell }: OfficeEvent & { readonly kind: 'queue' }): void {
    if (this.known.has(submission)) {
      this.setElsewhere(submission, state);
      if (state !== 'pending') return;
      // Reopened, or its checks have run: what is on the screen is the old one.
      waitsAgain(submission);
      void this.refresh(submission);
    } else if (state === 'pending' && this.asksFor(commune, cell)) {
      this.arrived.value = new Set(this.arrived.value).add(submission);
    }
  }

  /** Events were missed: everything is looked at again when its turn comes. */
  private doubt(): void {
    this.stale = new Set(this.known);
    const id = this.present?.id;
    if (id !== undefined && this.stale.delete(id)) void this.refresh(id);
    void this.readClaims();
  }

  private asksFor(commune: string, cell: string): boolean {
    const { filter } = this;
    // A list that is not read to its end will meet the newcomer there.
    if (filter.order !== 'newest' && filter.order !== 'riskiest' && this.hasMore) return false;
    return (
      (filter.commune === '' || filter.commune === commune) && (filter.cell === '' || filter.cell === cell)
    );
  }

  private setClaim(id: string, name: string | null): void {
    const next = new Map(this.claims.value);
    if (name === null) next.delete(id);
    else next.set(id, { name, until: Date.now() + CLAIM_MS });
    this.putClaims(next);
  }

  /** A claim that is said again makes no event, so who is at what is asked once more when one should have ended. */
  private putClaims(claims: ReadonlyMap<string, OtherClaim>): void {
    this.claims.value = claims;
    clearTimeout(this.expiry);
    const ends = Math.min(...[...claims.values()].map((claim) => claim.until));
    if (ends === Number.POSITIVE_INFINITY) return;
    const again = () => void this.readClaims().then(() => this.resume());
    this.expiry = window.setTimeout(again, Math.max(1000, ends - Date.now() + 500));
  }

  private async readClaims(): Promise<void> {
    const { turn } = this;
    try {
      const { items } = await ask(api.GET('/api/v1/claims'));
      if (turn !== this.turn) return;
      const others = items.filter((claim) => !claim.own);
      this.putClaims(
        new Map(
          others.map(({ submission_id, name, until }) => [submission_id, { name, until: endOf(until) }]),
        ),
      );
    } catch (error) {
      if (turn === this.turn) this.error.value = error;
    }
  }

  /** Says that the reader is at `id`; the name of who else is, when somebody is. */
  async claim(id: string): Promise<boolean> {
    try {
      await ask(api.PUT('/api/v1/submissions/{id}/claim', { params: { path: { id } } }));
      this.setClaim(id, null);
      return true;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'claimed') return true;
      await this.readClaims();
      return false;
    }
  }

  async release(id: string): Promise<void> {
    await done(api.DELETE('/api/v1/submissions/{id}/claim', { params: { path: { id } } }));
  }
}

/** When a claim ends by this machine's clock, which may be wrong: within the time that a claim lasts. */
function endOf(until: string): number {
  const now = Date.now();
  return now + Math.max(1000, Math.min(CLAIM_MS, Date.parse(until) - now));
}
