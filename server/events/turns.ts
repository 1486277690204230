/** Says whose turn it is to be looked at: the one that has been due longest, so that many take turns. */
export class Turns {
  /** When each is due, in milliseconds of any one clock. */
  private readonly dueMs = new Map<string, number>();
  private lastMs = -Infinity;

  /** @param apartMs between any two turns */
  constructor(private readonly apartMs: number) {}

  /** Asks for a turn at `dueMs`; it is not put off where one is due earlier. */
  ask(name: string, dueMs: number): void {
    this.dueMs.set(name, Math.min(dueMs, this.dueMs.get(name) ?? Infinity));
  }

  forget(name: string): void {
    this.dueMs.delete(name);
  }

  /** When the next turn is; null where nobody has asked for one. */
  nextMs(): number | null {
    const first = this.first();
    return first === null ? null : Math.max(first.dueMs, this.lastMs + this.apartMs);
  }

  /** Takes the turn that is due; null where none is. */
  take(nowMs: number): string | null {
    const first = this.first();
    if (first === null || first.dueMs > nowMs || nowMs < this.lastMs + this.apartMs) return null;
    this.dueMs.delete(first.name);
    this.lastMs = nowMs;
    return first.name;
  }

  private first(): { readonly name: string; readonly dueMs: number } | null {
    let first: { name: string; dueMs: number } | null = null;
    for (const [name, dueMs] of this.dueMs) if (first === null || dueMs < first.dueMs) first = { name, dueMs };
    return first;
  }
}
