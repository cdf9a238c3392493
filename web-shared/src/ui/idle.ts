// For how long nobody has touched a page.
// Refuses to trust one clock: the page's own stands still while the machine sleeps, the machine's is set by whoever likes.

/** A touch nearer than this to the last place of a pointer is a table that shakes, or a page that moves under it; px. */
const STEP_PX = 10;

export class IdleClock {
  private touchedMs = performance.now();
  private touchedOnMs = Date.now();
  private pointer: readonly [number, number] | null = null;

  /** Somebody is here. */
  touch(): void {
    this.touchedMs = performance.now();
    this.touchedOnMs = Date.now();
  }

  /** The longer of what both clocks say. */
  get idleMs(): number {
    return Math.max(performance.now() - this.touchedMs, Date.now() - this.touchedOnMs);
  }

  /** Whether a person did this. A key that is held down repeats itself, and a pointer that rests is told to move when
   * what lies under it does. */
  isSign(event: Event): boolean {
    if (event instanceof KeyboardEvent) return !event.repeat;
    if (event.type !== 'pointermove' || !(event instanceof PointerEvent)) return true;
    const [x, y] = this.pointer ?? [event.screenX, event.screenY];
    const isStep = Math.hypot(event.screenX - x, event.screenY - y) >= STEP_PX;
    if (isStep || this.pointer === null) this.pointer = [event.screenX, event.screenY];
    return isStep;
  }
}
