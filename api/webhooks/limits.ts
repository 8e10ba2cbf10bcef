/** The limits of webhooks. */

export interface WebhookLimits {
  /** Of one owner (a project, or a user who has none), and of all together. */
  readonly perOwner: number;
  readonly all: number;
  /** Requests under way at once. */
  readonly atOnce: number;
  /** From the look-up of its name to the end of its answer, of which so much is read. */
  readonly attemptMs: number;
  readonly answerBytes: number;
  /** The pause after the first failure, which doubles up to the longest; and some more, by chance. */
  readonly pauseMs: number;
  readonly pauseMsMax: number;
  /** After so long without success it is switched off. */
  readonly failingMsMax: number;
  /** Where it is, is written to the log so often while things are delivered, and after so many at the latest. */
  readonly saveMs: number;
  readonly saveDeliveries: number;
  /** … and after so many turns of others that had nothing for it. */
  readonly saveTurns: number;
  /** The last deliveries of each are kept in memory. */
  readonly recent: number;
  /** After its secret was changed, the one before signs for so long, too. */
  readonly overlapMs: number;
  /** Made by somebody whom an issuer has vouched for, it lasts so long: the issuer does not tell when they leave. */
  readonly vouchedMs: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const WEBHOOK_LIMITS: WebhookLimits = {
  perOwner: 20,
  all: 500,
  atOnce: 64,
  attemptMs: 10_000,
  answerBytes: 16 * 1024,
  pauseMs: 1_000,
  pauseMsMax: 10 * MINUTE,
  failingMsMax: 3 * DAY,
  saveMs: 5_000,
  saveDeliveries: 100,
  saveTurns: 1_000,
  recent: 20,
  overlapMs: DAY,
  vouchedMs: 30 * DAY,
};
