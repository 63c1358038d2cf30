/** The table of stored data for the README, made from the catalogue: what is written there is what the store takes. Pure. */
import { categories, rowOf } from './catalogue.ts';
import type { Category, Row } from './catalogue.ts';
import type { Fields } from './fields.ts';

const HEAD = ['Class', 'What', 'Purpose', 'Whose', 'Encrypted fields', 'Gone'] as const;

/** The table in Markdown, a row per category, in the catalogue's order. */
export function storedTable(): string {
  const lines = [HEAD, HEAD.map(() => '---'), ...categories.map((category) => cells(category, rowOf(category)))];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function cells(category: Category, row: Row): readonly string[] {
  const sealed = sealedNames(row.fields).join(', ');
  return [row.statement, category, row.purpose, row.owner, sealed === '' ? '–' : sealed, goneWhen(row)];
}

function sealedNames(fields: Fields, prefix = ''): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (field.kind === 'sealed') return [prefix + name];
    return field.parts === undefined ? [] : sealedNames(field.parts, `${prefix}${name}.`);
  });
}

function goneWhen({ retention, owner }: Row): string {
  switch (retention.starts) {
    case 'mark':
      return owner === 'connection'
        ? `at the latest ${retention.days} days after either side left`
        : `at the latest ${retention.days} days after the customer left`;
    case 'own':
      return `${retention.days} days after it was made or finished`;
    case 'never':
      return `kept: ${retention.why}`;
  }
}
