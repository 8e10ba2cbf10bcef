/** The last turns of the log as they were written, for readers that follow closely. A ring of bounded size. */

export class RecentTurns {
  private readonly texts: (string | undefined)[];
  private last = 0;
  private count = 0;

  constructor(private readonly countMax: number) {
    this.texts = new Array<string | undefined>(countMax);
  }

  /** The number of the earliest turn that is still here; one more than the last where there is none. */
  get first(): number {
    return this.last - this.count + 1;
  }

  push(number: number, text: string): void {
    this.texts[number % this.countMax] = text;
    this.last = number;
    this.count = Math.min(this.count + 1, this.countMax);
  }

  get(number: number): string | undefined {
    return number >= this.first && number <= this.last ? this.texts[number % this.countMax] : undefined;
  }
}
