import { z } from 'zod';
import type { Operation } from './operation.ts';
import { needed, oneOf } from './operation.ts';
import { problemsOf } from './problems.ts';
import { refusals } from './shapes.ts';

const field = z.strictObject({
  name: z.string(),
  encodedName: z.string().optional(),
  property: z
    .array(
      z.strictObject({
        entity: z.string(),
        key: z.string(),
        path: z.string(),
        type: z.enum(['number', 'string', 'text', 'date', 'user']).optional(),
      }),
    )
    .optional(),
});

const single = z.union([
  z.strictObject({ value: z.string(), encodedValue: z.string().optional() }),
  z.strictObject({
    function: z.string(),
    arguments: z.array(z.string()),
    encodedOperand: z.string().optional(),
  }),
  z.strictObject({ keyword: z.literal('empty') }),
]);
const operand = z.union([single, z.strictObject({ values: z.array(single), encodedOperand: z.string().optional() })]);
const predicates = z.array(
  z.strictObject({ operand, operator: z.enum(['before', 'after', 'from', 'to', 'on', 'during', 'by']) }),
);

const clause: z.ZodType = z.lazy(() =>
  z.union([
    z.strictObject({ clauses: z.array(clause), operator: z.enum(['and', 'or', 'not']) }),
    z.strictObject({
      field,
      operand,
      // The document has `~=` where queries have `!~`; both are let through.
      operator: z.enum(['=', '!=', '>', '<', '>=', '<=', 'in', 'not in', '~', '~=', '!~', 'is', 'is not']),
    }),
    z.strictObject({ field, operand, operator: z.enum(['was', 'was in', 'was not in', 'was not']), predicates }),
    z.strictObject({ field, operator: z.literal('changed'), predicates }),
  ]),
);

/** The comparison with the document cannot follow a schema that refers to itself, so this one checks by hand. */
const where = z.looseObject({}).superRefine((value, context) => {
  for (const { path, problem } of problemsOf(clause, value, ''))
    context.addIssue({ code: 'custom', message: `is no clause: ${path} ${problem}` });
});

const orderBy = z.strictObject({
  fields: z.array(z.strictObject({ field, direction: z.enum(['asc', 'desc']).optional() })),
});

/** What queries mean. */
export const jqlOperations: readonly Operation[] = [
  {
    operationId: 'parseJqlQueries',
    method: 'POST',
    path: '/rest/api/3/jql/parse',
    pathParameters: {},
    query: { validation: needed(oneOf(['strict', 'warn', 'none'])) },
    body: z.strictObject({ queries: z.array(z.string().min(1)).min(1) }),
    responses: {
      200: z.strictObject({
        queries: z.array(
          z.strictObject({
            query: z.string(),
            structure: z.strictObject({ where: where.optional(), orderBy: orderBy.optional() }).optional(),
            errors: z.array(z.string()).optional(),
            warnings: z.array(z.string()).optional(),
          }),
        ),
      }),
      ...refusals(400),
    },
  },
];
