import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { PartsView } from '../api.ts';
import { Adf } from './adf.tsx';
import type { Act } from './bar.tsx';
import { ask } from './client.ts';

interface Props {
  /** Address of the site at the local server. */
  readonly site: string;
  /** Address of the issue at the local server. */
  readonly path: string;
  readonly parts: PartsView;
  readonly act: Act;
}

/** What hangs on an issue: work logged, files and links, each with a way to add one and to take one away. */
export function Parts({ site, path, parts, act }: Props): VNode {
  const remove = (address: string): void => void act(() => ask('DELETE', address));
  return (
    <div class="parts">
      {parts.worklogs.map(({ id, author, timeSpent, body }) => (
        <div class="comment" key={id}>
          <Line says={`${author} worked ${timeSpent}`} remove={() => remove(`${path}/worklogs/${id}`)} />
          {body === null ? null : <Adf doc={body} />}
        </div>
      ))}
      {parts.files.map(({ id, name, bytes }) => (
        <Line key={id} says={`${name} · ${bytes} bytes`} remove={() => remove(`${site}/files/${id}`)} />
      ))}
      {parts.links.map(({ id, words, other }) => (
        <Line key={id} says={`${words} ${other}`} remove={() => remove(`${site}/links/${id}`)} />
      ))}
      <Add
        label="Log work"
        hint="2h 30m"
        send={(timeSpent) => act(() => ask('POST', `${path}/worklogs`, { timeSpent }))}
      />
      <Add
        label="Link"
        hint="Blocks ALPHA-1"
        send={(text) => {
          const [, type = '', other = ''] = /^(.+)\s+(\S+)$/.exec(text.trim()) ?? [];
          return act(() => ask('POST', `${path}/links`, { type, other }));
        }}
      />
      <label>
        Attach
        <input
          type="file"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file !== undefined) void act(() => attach(path, file));
          }}
        />
      </label>
    </div>
  );
}

async function attach(path: string, file: File): Promise<unknown> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return ask('POST', `${path}/files`, { name: file.name, type: file.type, base64 });
}

function Line({ says, remove }: { readonly says: string; readonly remove: () => void }): VNode {
  return (
    <p class="quiet">
      {says}
      <button type="button" class="link" aria-label={`Remove ${says}`} onClick={remove}>
        Remove
      </button>
    </p>
  );
}

function Add({
  label,
  hint,
  send,
}: {
  readonly label: string;
  readonly hint: string;
  readonly send: (text: string) => Promise<unknown>;
}): VNode {
  const [text, setText] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send(text).then(() => setText(''));
      }}
    >
      <label>
        {label}
        <input value={text} placeholder={hint} required onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <button type="submit">{label}</button>
    </form>
  );
}
