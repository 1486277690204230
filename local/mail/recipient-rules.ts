/** An SMTP refusal: 4xx asks the sender to try again, 5xx tells it not to. */
export interface Refusal {
  code: number;
  message: string;
}

/** Decides on a recipient; undefined accepts. */
export type RecipientRule = (address: string) => Refusal | undefined;

/**
 * Refuses addresses that ask for it: `reject-550@...` permanently, `reject-451@...` for now, any code 400 to 599 alike,
 * so that failed deliveries can be tried without a mail server that fails.
 */
export const refuseOnRequest: RecipientRule = (address) => {
  const match = /^reject-([45]\d\d)@/i.exec(address);
  if (!match) return undefined;
  const code = Number(match[1]);
  return { code, message: `${address} is refused as its name asks, ${code < 500 ? 'for now' : 'for good'}` };
};
