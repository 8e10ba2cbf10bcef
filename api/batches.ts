/** Messages from one thread to another, those of a moment together: each post has its price, whatever is in it. */

export class Batches<Message> {
  private batch: Message[] = [];

  /** `later` says when a moment is over: it calls what it is given, once. */
  constructor(
    private readonly post: (batch: readonly Message[]) => void,
    private readonly later: (flush: () => void) => void,
  ) {}

  /** In the order in which they were sent. */
  readonly send = (message: Message): void => {
    if (this.batch.push(message) === 1) this.later(this.flush);
  };

  private readonly flush = (): void => {
    const { batch } = this;
    this.batch = [];
    this.post(batch);
  };
}
