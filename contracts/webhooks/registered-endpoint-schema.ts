import { z } from 'zod';

/** An endpoint as the database has it, and S3 (`registry/endpoints/`), where workers read it. */
export const REGISTERED_ENDPOINT = z.object({
  id: z.string(),
  tenant: z.string(),
  url: z.string(),
  /** JSON: list of events. */
  events: z.string(),
  secretGeneration: z.number(),
  /** JSON: list of FormerSecret. */
  formerSecrets: z.string().default('[]'),
  createdAtMs: z.number(),
  disabledAtMs: z.number().nullable(),
});

/** A secret that was replaced, and signs beside the present one until its time is over. */
export interface FormerSecret {
  readonly generation: number;
  readonly untilMs: number;
}

const FORMER_SECRETS = z.array(z.object({ generation: z.number(), untilMs: z.number() }));
const EVENTS = z.array(z.string());

/** Throws where the text is not such a list: it is ours. */
export const formerSecretsIn = (text: string): readonly FormerSecret[] => FORMER_SECRETS.parse(JSON.parse(text));
export const endpointEventsIn = (text: string): readonly string[] => EVENTS.parse(JSON.parse(text));
