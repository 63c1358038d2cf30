/** A JSON Schema as far as the comparison looks at it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** A declared parameter. */
export interface DeclaredParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

/** A declared operation. */
export interface DeclaredOperation {
  readonly operationId: string;
  readonly parameters?: readonly DeclaredParameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

/** The parts of an OpenAPI document that the comparison reads. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DeclaredOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The JSON schema of a body, if one is declared. */
export function jsonSchema(content: Content | undefined): Schema | undefined {
  return content?.['application/json']?.schema;
}

/** Follows references and joins `allOf`, so that the result's own members say all there is. */
export function resolved(schema: Schema, document: OpenApi): Schema {
  if (schema.$ref !== undefined) {
    const target = document.components.schemas[schema.$ref.split('/').at(-1) ?? ''];
    if (target === undefined) throw new Error(`no schema ${schema.$ref}`);
    return resolved(target, document);
  }
  if (schema.allOf === undefined) return schema;
  return schema.allOf.map((part) => resolved(part, document)).reduce(joined, { ...schema, allOf: [] });
}

function joined(one: Schema, other: Schema): Schema {
  return {
    ...one,
    ...other,
    properties: { ...one.properties, ...other.properties },
    required: [...(one.required ?? []), ...(other.required ?? [])],
  };
}
