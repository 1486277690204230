/** What a look at the account has found, in words for the person who sets it up. */
export interface Finding {
  /** `unknown`: it could not be looked at, and the sentence says why. */
  readonly state: 'fine' | 'missing' | 'unknown';
  readonly what: string;
  /** Where something is missing: what to do. */
  readonly sentence: string;
}

export const fine = (what: string, sentence: string): Finding => ({ state: 'fine', what, sentence });
export const missing = (what: string, sentence: string): Finding => ({ state: 'missing', what, sentence });

/** A look that failed is a finding too: one permission that is lacking hides nothing else. */
export async function looked(what: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return [{ state: 'unknown', what, sentence: why.split('\n')[0] ?? why }];
  }
}
