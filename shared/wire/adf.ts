/** Schema of Jira's document format, as REST v3 gives it and as we keep it in sealed copies. */
import { z } from 'zod';
import { depthLimit, isTooDeep } from '../adf/walk.ts';
import type { AdfDoc, AdfMark, AdfNode } from '../model/adf.ts';

const attrs = z.record(z.string(), z.unknown());

const adfMark: z.ZodType<AdfMark> = z.object({ type: z.string(), attrs: attrs.exactOptional() });

/** Any node. Types that we do not know are kept as they are: they must survive a round trip. */
const adfNode: z.ZodType<AdfNode> = z.object({
  type: z.string(),
  text: z.string().exactOptional(),
  attrs: attrs.exactOptional(),
  marks: z.array(adfMark).exactOptional(),
  get content() {
    return z.array(adfNode).exactOptional();
  },
});

const whole: z.ZodType<AdfDoc> = z.object({
  type: z.literal('doc'),
  version: z.literal(1),
  content: z.array(adfNode),
});

/** A whole document. Its depth is looked at first: this schema recurses, and at some 3,000 levels the stack would end. */
export const adfDoc: z.ZodType<AdfDoc> = z
  .unknown()
  .refine((doc) => !isTooDeep(doc), `nested deeper than ${depthLimit}`)
  .pipe(whole);
