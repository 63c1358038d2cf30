import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { FaultSwitches, StateView } from '../api.ts';
import { ask } from './client.ts';

export type Act = (work: () => Promise<unknown>) => Promise<void>;

const DAY_MS = 86_400_000;
/** The jumps that matter: identities, copies, live data, the hard limit. */
const JUMPS = [1, 30, 120, 180] as const;

/** The head of the page: clock, faults, installation, and whether the judge has found anything. */
export function Bar({
  state,
  act,
  problem,
}: {
  readonly state: StateView;
  readonly act: Act;
  readonly problem: string;
}): VNode {
  return (
    <header>
      <div class="title">
        <h1>Twinline</h1>
        <span class="lozenge" title={state.why}>
          {state.backend === 'emulators' ? 'official emulators' : 'memory ports'}
        </span>
        <span class={state.violations === 0 ? 'lozenge good' : 'lozenge bad'}>
          {state.violations === 0 ? 'contract kept' : `${state.violations} contract violations`}
        </span>
      </div>
      <Clock state={state} act={act} />
      <Faults faults={state.faults} act={act} />
      <div class="group" role="group" aria-label="Installation">
        {state.sites.slice(0, 2).map((site) => (
          <button
            type="button"
            key={site.name}
            class={site.isInstalled ? '' : 'primary'}
            onClick={() =>
              void act(() => ask('POST', `/sites/${site.name}/${site.isInstalled ? 'uninstall' : 'install'}`))
            }
          >
            {site.isInstalled ? 'Uninstall' : 'Re-install'} {site.name}
          </button>
        ))}
        {state.sites.slice(0, 2).map((site) => (
          <button
            type="button"
            key={`licence of ${site.name}`}
            class={site.isLicensed ? '' : 'warn'}
            onClick={() => void act(() => ask('POST', `/sites/${site.name}/licence`, { active: !site.isLicensed }))}
          >
            {site.isLicensed ? 'End' : 'Renew'} {site.name}’s licence
          </button>
        ))}
        <button type="button" onClick={() => void act(() => ask('POST', '/sweep'))}>
          Run the sweep
        </button>
      </div>
      {problem !== '' && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </header>
  );
}

function Clock({ state, act }: { readonly state: StateView; readonly act: Act }): VNode {
  const days = Math.round(state.offsetMs / DAY_MS);
  return (
    <div class="group" role="group" aria-label="Clock">
      <span class="label">
        {new Date(state.now).toISOString().slice(0, 10)}
        {days > 0 && <b> (+{days} d)</b>}
      </span>
      {JUMPS.map((jump) => (
        <button type="button" key={jump} onClick={() => void act(() => ask('POST', '/clock', { days: jump }))}>
          +{jump} d
        </button>
      ))}
    </div>
  );
}

function Faults({ faults, act }: { readonly faults: FaultSwitches; readonly act: Act }): VNode {
  const [isOpen, setOpen] = useState(false);
  const change = (part: Partial<FaultSwitches>): void => void act(() => ask('POST', '/faults', { ...faults, ...part }));
  const count = [faults.lose > 0, faults.double > 0, faults.reorder, faults.delayMs > 0].filter(Boolean).length;
  return (
    <div class="group">
      <button type="button" aria-expanded={isOpen} class={count > 0 ? 'warn' : ''} onClick={() => setOpen(!isOpen)}>
        Webhook faults{count > 0 ? ` (${count})` : ''}
      </button>
      {isOpen && (
        <div class="pop">
          <Switch label="Lose every other webhook" on={faults.lose > 0} set={(on) => change({ lose: on ? 0.5 : 0 })} />
          <Switch
            label="Send every webhook twice"
            on={faults.double > 0}
            set={(on) => change({ double: on ? 1 : 0 })}
          />
          <Switch label="Send them out of order" on={faults.reorder} set={(on) => change({ reorder: on })} />
          <Switch label="Delay them by 3 s" on={faults.delayMs > 0} set={(on) => change({ delayMs: on ? 3000 : 0 })} />
        </div>
      )}
    </div>
  );
}

function Switch({
  label,
  on,
  set,
}: {
  readonly label: string;
  readonly on: boolean;
  readonly set: (on: boolean) => void;
}): VNode {
  return (
    <label class="switch">
      <input type="checkbox" checked={on} onChange={(event) => set(event.currentTarget.checked)} />
      {label}
    </label>
  );
}
