import type { FieldName } from './field.ts';

/** One issue type of a project. */
export interface TypeRules {
  readonly name: string;
  readonly isSubtask: boolean;
  /** Fields that its create screen takes, and those among them that it asks for. */
  readonly creatable: readonly FieldName[];
  readonly required: readonly FieldName[];
  /** Statuses of its workflow. */
  readonly statuses: readonly string[];
}

/** What a site says of one project, as far as rules about it can be wrong. Names, not ids. */
export interface ProjectRules {
  /** Custom fields that can be synced, of the whole site. */
  readonly custom: readonly FieldName[];
  readonly types: readonly TypeRules[];
  /** Values of the fields with a list, over all create screens; a cascade's as JSON of the option and the option beneath it. */
  readonly options: Readonly<Partial<Record<FieldName, readonly string[]>>>;
  readonly linkTypes: readonly string[];
  /** Moves that issues offer which stand in a status now, with the fields that the move asks for. */
  readonly moves: readonly {
    readonly from: string;
    readonly to: string;
    readonly required: readonly FieldName[];
  }[];
  /** The statuses whose moves are known; from the others nothing can be said. */
  readonly looked: readonly string[];
}
