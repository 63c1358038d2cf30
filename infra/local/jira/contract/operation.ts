import { z } from 'zod';

/** A path or query parameter: the schema of its decoded value, and whether a request without it is refused. */
export interface Parameter {
  readonly schema: z.ZodType;
  readonly required: boolean;
}

/** The methods the stand-in answers. */
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One operation of Jira's REST interface as the stand-in offers it: what it takes and what it may answer. */
export interface Operation {
  /** The name in Jira's OpenAPI document; our own for operations outside it. */
  readonly operationId: string;
  readonly method: Method;
  /** Path template with `{name}` for each path parameter. */
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, Parameter>>;
  readonly query: Readonly<Record<string, Parameter>>;
  /** Absent where the operation takes no body; a body is then a violation. */
  readonly body?: z.ZodType;
  /** By status: the schema of the body, or null where the answer has none. */
  readonly responses: Readonly<Record<number, z.ZodType | null>>;
  /** Where an operation that is not in the OpenAPI document is described. */
  readonly outsideOpenApi?: string;
}

/** A text parameter. */
export function text(): Parameter {
  return { schema: z.string(), required: false };
}

/** A text parameter that must hold something. */
export function filled(): Parameter {
  return { schema: z.string().min(1), required: false };
}

/** A whole number, never negative; bounded where Jira names a bound. */
export function whole(bounds: { min?: number; max?: number } = {}): Parameter {
  const schema = z.int().min(bounds.min ?? 0);
  return { schema: bounds.max === undefined ? schema : schema.max(bounds.max), required: false };
}

/** `true` or `false`. */
export function flag(): Parameter {
  return { schema: z.boolean(), required: false };
}

/** Several texts: repeated, or separated by commas. */
export function texts(max?: number): Parameter {
  const schema = z.array(z.string().min(1));
  return { schema: max === undefined ? schema : schema.max(max), required: false };
}

/** Several whole numbers: repeated, or separated by commas. */
export function wholes(max?: number): Parameter {
  const schema = z.array(z.int());
  return { schema: max === undefined ? schema : schema.max(max), required: false };
}

/** One of a closed list of words. */
export function oneOf(words: readonly [string, ...string[]]): Parameter {
  return { schema: z.enum(words), required: false };
}

/** The same parameter, refused when absent. */
export function needed(parameter: Parameter): Parameter {
  return { ...parameter, required: true };
}

/** Where a page starts and how long it may be; Jira shortens a page that asks for more than it gives. */
export const page = { startAt: whole(), maxResults: whole() } as const;

/** An issue's id or key in a path. */
export const issueIdOrKey = { issueIdOrKey: needed(filled()) } as const;
