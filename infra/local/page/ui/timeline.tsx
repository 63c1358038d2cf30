import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { TimelineEvent } from '../api.ts';

/** What the system did, newest first, with the milliseconds of each act. */
export function Timeline({ events }: { readonly events: readonly TimelineEvent[] }): VNode {
  const [onlyWrites, setOnlyWrites] = useState(false);
  const shown = onlyWrites ? events.filter((event) => event.facts['write'] === true || event.tone !== 'plain') : events;
  return (
    <section class="timeline" aria-label="Timeline">
      <div class="head">
        <h2>What happened</h2>
        <label class="switch">
          <input
            type="checkbox"
            checked={onlyWrites}
            onChange={(event) => setOnlyWrites(event.currentTarget.checked)}
          />
          only what changed something
        </label>
      </div>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>time</th>
              <th>where</th>
              <th>what</th>
              <th class="number">ms</th>
              <th>facts</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((event) => (
              <tr key={event.number} class={event.tone}>
                <td class="quiet">{new Date(event.at).toISOString().slice(11, 23)}</td>
                <td>
                  <span class={`dot ${event.source}`} /> {event.where}
                </td>
                <td>{event.what}</td>
                <td class="number">{event.ms ?? ''}</td>
                <td class="facts">
                  {Object.entries(event.facts)
                    .filter(([name]) => name !== 'write')
                    .map(([name, value]) => `${name} ${value}`)
                    .join(' · ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <p class="quiet">Nothing yet. Change an issue on one of the sites.</p>}
      </div>
    </section>
  );
}
