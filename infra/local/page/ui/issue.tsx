import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { CommentView, IssueEdit, IssueView, SiteView } from '../api.ts';
import { Adf } from './adf.tsx';
import type { Act } from './bar.tsx';
import { ask } from './client.ts';
import { Parts } from './parts.tsx';

interface Props {
  readonly site: SiteView;
  readonly id: string;
  readonly beat: number;
  readonly act: Act;
}

/** One issue: its fields, its text, its comments, and everything a person may do to them. */
export function Issue({ site, id, beat, act }: Props): VNode {
  const [issue, setIssue] = useState<IssueView>();
  const path = `/sites/${site.name}/issues/${id}`;
  useEffect(() => {
    void ask<IssueView>('GET', path)
      .then(setIssue)
      .catch(() => setIssue(undefined));
  }, [path, beat]);
  if (issue === undefined) return <p class="quiet">Loading …</p>;
  const edit = (part: IssueEdit): void => void act(() => ask('PUT', path, part));
  return (
    <div class="issue">
      <Fields site={site} issue={issue} edit={edit} />
      <div class="group" role="group" aria-label="Transitions">
        <span class="label">Status: {issue.status}</span>
        {issue.transitions.map((transition) => (
          <button
            type="button"
            key={transition.id}
            onClick={() => void act(() => ask('POST', `${path}/transitions`, { id: transition.id }))}
          >
            → {transition.to}
          </button>
        ))}
      </div>
      <Text label="description" wiki={issue.wiki} save={(wiki) => edit({ wiki })}>
        <Adf doc={issue.description} />
      </Text>
      <Comments path={path} comments={issue.commentList} act={act} />
      <Parts site={`/sites/${site.name}`} path={path} parts={issue.parts} act={act} />
      <button type="button" class="bad" onClick={() => void act(() => ask('DELETE', path))}>
        Delete {issue.key}
      </button>
    </div>
  );
}

function Fields({
  site,
  issue,
  edit,
}: {
  readonly site: SiteView;
  readonly issue: IssueView;
  readonly edit: (part: IssueEdit) => void;
}): VNode {
  return (
    <div class="fields">
      <Line wide most={255} label="Summary" value={issue.summary} set={(summary) => edit({ summary })} />
      <Choice label="Type" value={issue.type} from={site.issueTypes} set={(type) => edit({ type })} />
      <Choice label="Priority" value={issue.priority} from={site.priorities} set={(priority) => edit({ priority })} />
      <label>
        Assignee
        <select
          value={issue.assignee ?? ''}
          onChange={(event) => edit({ assignee: event.currentTarget.value === '' ? null : event.currentTarget.value })}
        >
          <option value="">Unassigned</option>
          {site.people.map((person) => (
            <option key={person.accountId} value={person.accountId} disabled={!person.active}>
              {person.displayName}
              {person.active ? '' : ' (inactive)'}
            </option>
          ))}
        </select>
      </label>
      <Line
        label="Labels"
        value={issue.labels.join(' ')}
        set={(labels) => edit({ labels: labels.split(/\s+/).filter((label) => label !== '') })}
      />
    </div>
  );
}

/** One line of text. What is being typed is kept while the page learns of other changes. */
function Line(props: {
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly wide?: boolean;
  /** Characters that Jira takes. */
  readonly most?: number;
}): VNode {
  const [draft, setDraft] = useState<string>();
  return (
    <label class={props.wide === true ? 'wide' : undefined}>
      {props.label}
      <input
        value={draft ?? props.value}
        placeholder="none"
        maxLength={props.most}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onChange={(event) => {
          props.set(event.currentTarget.value);
          setDraft(undefined);
        }}
      />
    </label>
  );
}

function Choice(props: {
  readonly label: string;
  readonly value: string;
  readonly from: readonly string[];
  readonly set: (value: string) => void;
}): VNode {
  return (
    <label>
      {props.label}
      <select value={props.value} onChange={(event) => props.set(event.currentTarget.value)}>
        {(props.from.includes(props.value) ? props.from : [props.value, ...props.from]).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

/** Text that turns into an editor: shown as Jira shows it, edited as wiki markup. */
function Text({
  label,
  wiki,
  save,
  children,
}: {
  readonly label: string;
  readonly wiki: string;
  readonly save: (wiki: string) => void;
  readonly children: VNode;
}): VNode {
  const [draft, setDraft] = useState<string>();
  if (draft === undefined)
    return (
      <div class="text">
        {children}
        <button type="button" class="link" onClick={() => setDraft(wiki)}>
          Edit {label}
        </button>
      </div>
    );
  return (
    <div class="text">
      <textarea
        aria-label={`Edit ${label}`}
        rows={6}
        value={draft}
        onInput={(event) => setDraft(event.currentTarget.value)}
      />
      <div class="group">
        <button
          type="button"
          class="primary"
          onClick={() => {
            save(draft);
            setDraft(undefined);
          }}
        >
          Save
        </button>
        <button type="button" onClick={() => setDraft(undefined)}>
          Cancel
        </button>
      </div>
    </div>
  );
}

function Comments({
  path,
  comments,
  act,
}: {
  readonly path: string;
  readonly comments: readonly CommentView[];
  readonly act: Act;
}): VNode {
  const [body, setBody] = useState('');
  return (
    <div class="comments">
      <h3>
        {comments.length === 0 ? 'No comments' : comments.length === 1 ? '1 comment' : `${comments.length} comments`}
      </h3>
      {comments.map((comment) => (
        <div class="comment" key={comment.id}>
          <p class="quiet">
            {comment.author} · {new Date(comment.created).toISOString().slice(0, 16).replace('T', ' ')}
            <button
              type="button"
              class="link"
              onClick={() => void act(() => ask('DELETE', `${path}/comments/${comment.id}`))}
            >
              Delete
            </button>
          </p>
          <Text
            label="comment"
            wiki={comment.wiki}
            save={(wiki) => void act(() => ask('PUT', `${path}/comments/${comment.id}`, { wiki }))}
          >
            <Adf doc={comment.body} />
          </Text>
        </div>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void act(() => ask('POST', `${path}/comments`, { wiki: body })).then(() => setBody(''));
        }}
      >
        <textarea
          aria-label="New comment"
          placeholder="Write a comment, in wiki markup"
          rows={2}
          required
          value={body}
          onInput={(event) => setBody(event.currentTarget.value)}
        />
        <button type="submit" class="primary">
          Comment
        </button>
      </form>
    </div>
  );
}
