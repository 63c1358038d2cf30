import type { Field, FieldKind, Named, Option } from './types.ts';

/** The types of custom fields that a site may have, by the last part of Jira's key. */
export type CustomType =
  | 'textfield'
  | 'textarea'
  | 'url'
  | 'float'
  | 'datepicker'
  | 'datetime'
  | 'select'
  | 'radiobuttons'
  | 'multiselect'
  | 'multicheckboxes'
  | 'cascadingselect'
  | 'userpicker'
  | 'multiuserpicker'
  | 'labels'
  | 'gh-sprint';

const KINDS: Readonly<Record<CustomType, FieldKind>> = {
  textfield: 'string',
  textarea: 'richText',
  url: 'url',
  float: 'number',
  datepicker: 'date',
  datetime: 'datetime',
  select: 'option',
  radiobuttons: 'option',
  multiselect: 'options',
  multicheckboxes: 'options',
  cascadingselect: 'cascade',
  userpicker: 'user',
  multiuserpicker: 'users',
  labels: 'labels',
  'gh-sprint': 'sprint',
};

/** An option of a site's specification; `children` are the second level of a cascading select. */
export type OptionSpec =
  | string
  | { readonly name: string; readonly disabled?: boolean; readonly children?: readonly string[] };

/** A custom field of a site's specification. */
export interface FieldSpec {
  readonly name: string;
  readonly type: CustomType;
  readonly options?: readonly OptionSpec[];
  /** The number in `customfield_NNNNN`; one of the site's own when absent. */
  readonly id?: number;
}

/** Custom fields of a site that names none: one of each type. */
export const DEFAULT_CUSTOM_FIELDS: readonly FieldSpec[] = [
  { name: 'Story point estimate', type: 'float' },
  { name: 'Customer', type: 'textfield' },
  { name: 'Acceptance criteria', type: 'textarea' },
  { name: 'Severity', type: 'select', options: ['Minor', 'Serious', 'Severe'] },
  { name: 'Start date', type: 'datepicker' },
  { name: 'Go-live', type: 'datetime' },
  { name: 'Risk', type: 'radiobuttons', options: ['Low', 'Medium', 'High'] },
  { name: 'Platforms', type: 'multiselect', options: ['Android', 'iOS', 'Windows'] },
  { name: 'Checks', type: 'multicheckboxes', options: ['Tests', 'Docs', 'Security'] },
  {
    name: 'Region',
    type: 'cascadingselect',
    options: [
      { name: 'Europe', children: ['Berlin', 'Madrid'] },
      { name: 'America', children: ['Lima', 'Quito'] },
    ],
  },
  { name: 'Contact', type: 'userpicker' },
  { name: 'Reviewers', type: 'multiuserpicker' },
  { name: 'Topics', type: 'labels' },
  { name: 'Website', type: 'url' },
  { name: 'Sprint', type: 'gh-sprint' },
];

/** Numbers of the n-th site's fields start here plus n times the span; so do those of its options. */
const FIRST_FIELD = 10_016;
const FIELD_SPAN = 200;
const FIRST_OPTION = 20_000;
const OPTION_SPAN = 2_000;

/** Builds the custom fields of the n-th site, with ids of its own. */
export function customFieldsOf(siteIndex: number, specs: readonly FieldSpec[]): readonly Field[] {
  let nextOption = FIRST_OPTION + siteIndex * OPTION_SPAN;
  const take = (name: string): Named => {
    const option = { id: String(nextOption), name };
    nextOption += 1;
    return option;
  };
  return specs.map((spec, index) => {
    const kind = KINDS[spec.type];
    const options = (spec.options ?? []).map((option): Option => {
      const { name, disabled = false, children = [] } = typeof option === 'string' ? { name: option } : option;
      return { ...take(name), disabled, children: children.map(take) };
    });
    return {
      id: `customfield_${spec.id ?? FIRST_FIELD + siteIndex * FIELD_SPAN + index}`,
      name: spec.name,
      kind,
      custom: true,
      type: typeKey(spec.type),
      ...(kind === 'option' || kind === 'options' || kind === 'cascade' ? { options } : {}),
    };
  });
}

function typeKey(type: CustomType): string {
  if (type === 'gh-sprint') return 'com.pyxis.greenhopper.jira:gh-sprint';
  return `com.atlassian.jira.plugin.system.customfieldtypes:${type}`;
}

/** A field by its id, or a custom one by its name. */
export function fieldNamed(fields: readonly Field[], idOrName: string): Field | undefined {
  return (
    fields.find((field) => field.id === idOrName) ?? fields.find((field) => field.custom && field.name === idOrName)
  );
}
