/** Rule documents at random, for rules that hold for all of them. */
import fc from 'fast-check';
import type { FieldName } from '../../shared/model/field.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';

const text = fc.string({ maxLength: 8 });
const names = fc.constantFrom<FieldName>('summary', 'status', 'labels', 'custom:text:A.b', 'custom:labels:Team');

const endOf = ({ field, target = field }: { field: FieldName; target?: FieldName }): FieldName => target;

const transforms = fc.oneof(
  fc.record({ kind: fc.constantFrom('prefix', 'suffix'), text }),
  fc.record({ kind: fc.constantFrom('upper', 'trim', 'plain-text') }),
  fc.record({ kind: fc.constant('truncate'), length: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constantFrom('only', 'without'), values: fc.subarray(['x', 'y', 'z']) }),
);

/** Whole documents; two of them often share some rows. */
export const ruleDocuments = fc.record(
  {
    version: fc.nat(),
    fields: fc
      .uniqueArray(
        fc.record(
          {
            field: names,
            target: names,
            policy: fc.constantFrom('newest', 'a', 'b', 'hold'),
            when: fc.constantFrom('create', 'update', 'both'),
            transform: transforms,
            default: text,
          },
          { requiredKeys: ['field', 'policy'] },
        ),
        { selector: ({ field }) => field },
      )
      .map((rows) => rows.filter((row, at) => rows.findIndex((other) => endOf(other) === endOf(row)) === at)),
    comments: fc.boolean(),
    worklogs: fc.boolean(),
    values: fc.dictionary(fc.constantFrom('status', 'priority'), fc.dictionary(text, text, { maxKeys: 3 })),
    visibility: fc.dictionary(fc.constantFrom('internal', 'role:X'), fc.constantFrom('public', 'group:Y')),
    attachments: fc.record({ maxBytes: fc.nat(), types: fc.subarray(['image/*', 'text/plain']) }, { requiredKeys: [] }),
    transitionFields: fc.dictionary(fc.constantFrom('Done', 'Open'), fc.constant({ resolution: 'Fixed' })),
    deletion: fc.constantFrom('keep', 'delete'),
    fallbackIssueType: text,
    script: fc.constantFrom('a', 'b'),
  },
  { requiredKeys: ['version', 'fields', 'comments', 'values', 'fallbackIssueType'] },
) as fc.Arbitrary<RuleDocument>;
