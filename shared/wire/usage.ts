/** GET /usage: how often what was done, by day and by month. */
import { z } from 'zod';

const counts = z.record(z.string(), z.number().int().nonnegative());

export const usageView = z.object({
  days: z.array(z.object({ day: z.string(), counts })),
  months: z.array(z.object({ month: z.string(), counts })),
});
export type UsageView = z.infer<typeof usageView>;
