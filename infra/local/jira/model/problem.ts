/** What a refusal of Jira says in its body. `errors` is keyed by field id. */
export interface ProblemBody {
  readonly errorMessages: readonly string[];
  readonly errors: Readonly<Record<string, string>>;
}

/**
 * A refusal as Jira words it: an HTTP status and an `ErrorCollection`.
 * Thrown by the model so that people acting in process and callers over REST meet the same rules.
 */
export class JiraProblem extends Error {
  readonly status: number;
  readonly body: ProblemBody;
  readonly headers: Readonly<Record<string, string>>;
  /** Set when no correct client could have sent this; the server counts it. Holds no content. */
  readonly violation: string | undefined;

  constructor(status: number, body: ProblemBody, headers: Readonly<Record<string, string>> = {}, violation?: string) {
    super(`${status} ${[...body.errorMessages, ...Object.keys(body.errors)].join('; ')}`);
    this.name = 'JiraProblem';
    this.status = status;
    this.body = body;
    this.headers = headers;
    this.violation = violation;
  }
}

/** A refusal with one message for the whole request. */
export function refuse(status: number, message: string): JiraProblem {
  return new JiraProblem(status, { errorMessages: [message], errors: {} });
}

/** A refusal (400) of one field. */
export function badField(field: string, message: string): JiraProblem {
  return new JiraProblem(400, { errorMessages: [], errors: { [field]: message } });
}

/** The 404 that Jira gives for an issue that is missing as well as for one that may not be seen. */
export function noSuchIssue(): JiraProblem {
  return refuse(404, 'Issue does not exist or you do not have permission to see it.');
}
