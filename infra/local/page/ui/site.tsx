import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { IssueRow, SiteView } from '../api.ts';
import type { Act } from './bar.tsx';
import { ask } from './client.ts';
import { Issue } from './issue.tsx';

interface Props {
  readonly site: SiteView;
  /** Changes whenever something happened. */
  readonly beat: number;
  readonly act: Act;
}

/** One stand-in Jira site: its issues, and the one that is open. */
export function Site({ site, beat, act }: Props): VNode {
  const [issues, setIssues] = useState<readonly IssueRow[]>([]);
  const [open, setOpen] = useState('');
  const [isNew, setNew] = useState(false);

  useEffect(() => {
    void ask<readonly IssueRow[]>('GET', `/sites/${site.name}/issues`)
      .then(setIssues)
      .catch(() => setIssues([]));
  }, [site.name, beat]);

  return (
    <section class={`site ${site.name}`} aria-label={`Site ${site.name}`}>
      <div class="head">
        <h2>{site.name}</h2>
        <a href={site.address} class="quiet" target="_blank" rel="noreferrer">
          {site.baseUrl}
        </a>
        <span class={site.isInstalled ? 'lozenge good' : 'lozenge'}>
          {site.isInstalled ? 'installed' : 'not installed'}
        </span>
        <button type="button" class="primary" onClick={() => setNew(!isNew)} aria-expanded={isNew}>
          Create
        </button>
      </div>
      {isNew && <Create site={site} act={act} done={() => setNew(false)} />}
      <div class="list">
        {issues.length === 0 && <p class="quiet">No issues.</p>}
        {issues.map((row) => (
          <Row key={row.id} row={row} isOpen={open === row.id} toggle={() => setOpen(open === row.id ? '' : row.id)}>
            <Issue site={site} id={row.id} beat={beat} act={act} />
          </Row>
        ))}
      </div>
    </section>
  );
}

function Row({
  row,
  isOpen,
  toggle,
  children,
}: {
  readonly row: IssueRow;
  readonly isOpen: boolean;
  readonly toggle: () => void;
  readonly children: VNode;
}): VNode {
  return (
    <article class={isOpen ? 'row open' : 'row'}>
      <button type="button" class="line" aria-expanded={isOpen} onClick={toggle}>
        <span class="key">{row.key}</span>
        <span class="summary">{row.summary}</span>
        {row.comments > 0 && <span class="quiet">{row.comments === 1 ? '1 comment' : `${row.comments} comments`}</span>}
        <span class="lozenge">{row.status}</span>
        <span class={row.twin === undefined ? 'twin quiet' : 'twin'} title="the issue on the other site">
          {row.twin === undefined ? '—' : `⇄ ${row.twin}`}
        </span>
      </button>
      {isOpen && children}
    </article>
  );
}

function Create({ site, act, done }: { readonly site: SiteView; readonly act: Act; readonly done: () => void }): VNode {
  const [summary, setSummary] = useState('');
  const [wiki, setWiki] = useState('');
  const [type, setType] = useState('Task');
  const save = (event: Event): void => {
    event.preventDefault();
    void act(() => ask('POST', `/sites/${site.name}/issues`, { summary, wiki, type })).then(done);
  };
  return (
    <form class="create" onSubmit={save}>
      <input
        aria-label="Summary"
        placeholder="Summary"
        required
        maxLength={255}
        value={summary}
        onInput={(event) => setSummary(event.currentTarget.value)}
      />
      <textarea
        aria-label="Description"
        placeholder="Description, in wiki markup"
        rows={3}
        value={wiki}
        onInput={(event) => setWiki(event.currentTarget.value)}
      />
      <div class="group">
        <select aria-label="Type" value={type} onChange={(event) => setType(event.currentTarget.value)}>
          {site.issueTypes.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <button type="submit" class="primary">
          Create in {site.project}
        </button>
        <button type="button" onClick={done}>
          Cancel
        </button>
      </div>
    </form>
  );
}
