/** What an add-on answered; status 0 when it could not be reached in time. */
export interface Answered {
  readonly status: number;
  readonly ms: number;
  readonly text: string;
}

/** Longest wait for an add-on's answer. @see ATLASSIAN.md §5, 20–30 s */
const ANSWER_TIMEOUT_MS = 20_000;
/** Most of an answer that is read: enough for any descriptor. */
const ANSWER_LIMIT = 1_000_000;

/**
 * Calls an add-on at its public address, through the map from public origins to loopback ones.
 * Never throws: an unreachable add-on is status 0.
 */
export async function callAddon(
  resolve: (origin: string) => string,
  publicUrl: string,
  request: { readonly method: string; readonly headers: Readonly<Record<string, string>>; readonly body?: string },
): Promise<Answered> {
  const url = new URL(publicUrl);
  const started = performance.now();
  const took = (): number => Math.round(performance.now() - started);
  try {
    const response = await fetch(`${resolve(url.origin).replace(/\/$/, '')}${url.pathname}${url.search}`, {
      method: request.method,
      headers: request.headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const text = (await response.text()).slice(0, ANSWER_LIMIT);
    return { status: response.status, ms: took(), text };
  } catch {
    return { status: 0, ms: took(), text: '' };
  }
}
