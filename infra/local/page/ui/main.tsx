import { render } from 'preact';
import type { VNode } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { StateView, TimelineEvent } from '../api.ts';
import { Bar } from './bar.tsx';
import { ask } from './client.ts';
import { Site } from './site.tsx';
import { Stored } from './stored.tsx';
import { Timeline } from './timeline.tsx';

/** Events kept on the page; older ones are dropped. */
const KEPT_EVENTS = 400;
/** Lists are read again this long after the last event, so that a burst causes one read. */
const REFRESH_MS = 250;

/** The page: both sites side by side, what the system does for each change, and what it has stored. */
function Page(): VNode {
  const [state, setState] = useState<StateView>();
  const [events, setEvents] = useState<readonly TimelineEvent[]>([]);
  const [beat, setBeat] = useState(0);
  const [problem, setProblem] = useState('');

  const refresh = useCallback(() => {
    void ask<StateView>('GET', '/state')
      .then(setState)
      .catch(() => setProblem('The local stack does not answer. Is `npm start` still running?'));
    setBeat((count) => count + 1);
  }, []);

  useEffect(() => {
    refresh();
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const source = new EventSource('/local/events');
    source.onmessage = (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as TimelineEvent;
      setEvents((before) => [event, ...before].slice(0, KEPT_EVENTS));
      clearTimeout(waiting);
      waiting = setTimeout(refresh, REFRESH_MS);
    };
    source.onopen = () => setProblem('');
    source.onerror = () => setProblem('The connection to the local stack was lost; trying again.');
    return () => source.close();
  }, [refresh]);

  const act = useCallback(
    async (work: () => Promise<unknown>) => {
      try {
        await work();
        setProblem('');
      } catch (thrown) {
        setProblem(thrown instanceof Error ? thrown.message : 'That did not work.');
      }
      refresh();
    },
    [refresh],
  );

  if (state === undefined) return <p class="loading">{problem === '' ? 'Loading …' : problem}</p>;
  return (
    <>
      <Bar state={state} act={act} problem={problem} />
      <main>
        <div class="sites">
          {state.sites.slice(0, 2).map((site) => (
            <Site key={site.name} site={site} beat={beat} act={act} />
          ))}
        </div>
        <div class="below">
          <Timeline events={events} />
          <Stored beat={beat} sites={state.sites} />
        </div>
      </main>
    </>
  );
}

const place = document.getElementById('page');
if (place !== null) render(<Page />, place);
