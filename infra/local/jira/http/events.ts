/** Something a timeline may show: ids and measures, never content. Times are ms. */
export type JiraEvent =
  | {
      readonly kind: 'change';
      readonly at: number;
      readonly site: string;
      readonly event: string;
      readonly issueId: string;
      readonly issueKey: string;
      readonly by: 'app' | 'person';
      readonly commentId?: string;
      /** The trace that the app's request carried. */
      readonly trace?: string;
    }
  | {
      readonly kind: 'webhook';
      readonly at: number;
      readonly site: string;
      readonly event: string;
      readonly identifier: string;
      readonly flow: 'Primary' | 'Secondary';
      readonly issueId: string;
      readonly attempt: number;
      readonly outcome: 'delivered' | 'retrying' | 'failed' | 'lost';
      /** The add-on's answer; absent when there was none. */
      readonly status?: number;
      readonly ms: number;
    }
  | {
      readonly kind: 'api';
      readonly at: number;
      readonly site: string;
      readonly method: string;
      readonly operation: string;
      readonly status: number;
      readonly ms: number;
      readonly by: 'app' | 'person' | 'nobody';
      readonly issue?: string;
    }
  | {
      readonly kind: 'lifecycle';
      readonly at: number;
      readonly site: string;
      readonly event: string;
      /** 0 when the add-on could not be reached. */
      readonly status: number;
      readonly ms: number;
    };

/** Hears events. */
export type Listener = (event: JiraEvent) => void;
