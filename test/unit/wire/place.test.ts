/** The place of what is odd names members of ours, and nothing that a customer has chosen. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseAs } from '../../../shared/wire/console.ts';
import { consoleBodies } from '../../../shared/wire/bodies.ts';
import { ourPlace } from '../../../shared/wire/place.ts';
import { postedRules } from '../../../shared/wire/rules.ts';
import { toFault } from '../../../shared/verdict.ts';

const RULES = { version: 1, fields: [], comments: true, values: {}, fallbackIssueType: 'Task' };
const placeOf = (schema: z.ZodType, value: unknown): unknown => {
  try {
    parseAs(schema, value);
  } catch (thrown) {
    return toFault(thrown).facts['path'];
  }
  return 'taken';
};

describe('a place', () => {
  test.each([
    [
      'in a list',
      {
        ...RULES,
        fields: [
          { field: 'summary', policy: 'newest' },
          { field: 'summary', policy: 7 },
        ],
      },
      'fields.1.policy',
    ],
    ['in a table of names', { ...RULES, values: { priority: { Geheim: 7 } } }, 'values.*.*'],
    ['in a table of people', { ...RULES, people: { '712020:ada': 7 } }, 'people.*'],
    ['under a name that nobody knows', { ...RULES, fields: { Geheim: 7 } }, 'fields'],
    ['of the whole', 'Geheim', ''],
  ])('%s', (_where, value, place) => {
    expect(placeOf(postedRules, value)).toBe(place);
  });

  test('is found through everything that a schema may be wrapped in', () => {
    const inner = z.object({ known: z.record(z.string(), z.object({ deep: z.number() })) });
    for (const schema of [
      inner.optional(),
      inner.nullable(),
      inner.loose(),
      inner.default({ known: {} }),
      inner.readonly(),
      inner.transform((value) => Object.keys(value)),
      z.lazy(() => inner),
      z
        .unknown()
        .transform((value) => value)
        .pipe(inner),
    ])
      expect(placeOf(schema, { known: { Geheim: { deep: 'x' } } })).toBe('known.*.deep');
  });

  test('of a refused text is one of the bodies’ own names', () => {
    expect(ourPlace('document.values.Geheim', consoleBodies)).toBe('document.values.*');
    expect(ourPlace('name', consoleBodies)).toBe('name');
    expect(ourPlace('', consoleBodies)).toBe('');
  });
});
