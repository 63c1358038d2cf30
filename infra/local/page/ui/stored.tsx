import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ReceiptView, SiteView, StoredView } from '../api.ts';
import { ask } from './client.ts';

/** What is stored, by the categories of the catalogue, and the receipts of what is gone. */
export function Stored({ beat }: { readonly beat: number; readonly sites: readonly SiteView[] }): VNode {
  const [stored, setStored] = useState<readonly StoredView[]>([]);
  const [receipts, setReceipts] = useState<readonly ReceiptView[]>([]);
  useEffect(() => {
    void ask<readonly StoredView[]>('GET', '/stored')
      .then(setStored)
      .catch(() => setStored([]));
    void ask<readonly ReceiptView[]>('GET', '/receipts')
      .then(setReceipts)
      .catch(() => setReceipts([]));
  }, [beat]);
  return (
    <section class="stored" aria-label="Stored data">
      <div class="head">
        <h2>What is stored</h2>
      </div>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>category</th>
              <th>class</th>
              <th class="number">records</th>
              <th>gone</th>
            </tr>
          </thead>
          <tbody>
            {stored.map((row) => (
              <tr key={row.category} title={row.purpose}>
                <td>{row.category}</td>
                <td class="quiet">{row.statement}</td>
                <td class="number">
                  <b>{row.count}</b>
                </td>
                <td class="quiet">{row.gone}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h3>Receipts</h3>
      {receipts.length === 0 && (
        <p class="quiet">None yet: uninstall a site, move the clock by 120 days, run the sweep.</p>
      )}
      <ul class="receipts">
        {receipts.map((receipt) => (
          <li key={receipt.id}>
            <a href={`/receipts/${receipt.id}`} target="_blank" rel="noreferrer">
              {receipt.id}
            </a>
            : {receipt.documents} {receipt.covers === 'stores' ? 'records' : 'backups'} gone and verified
            <span class={receipt.isValid ? 'lozenge good' : 'lozenge bad'}>
              {receipt.isValid ? 'signature valid' : 'signature wrong'}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
