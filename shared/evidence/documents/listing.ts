/**
 * What the Marketplace is told about the app: the metadata of its listing, made from the same data as the rest. The
 * listing itself is entered by hand. Pure. @see PROMISES.md E-04 to E-08
 */
import type { Deployment } from '../../model/party.ts';
import { features } from './facts.ts';
import { paths } from './paths.ts';

/** The metadata of a listing. Addresses are below the address of the service. */
export interface Listing {
  readonly name: string;
  readonly key: string;
  readonly hosting: 'cloud' | 'self-hosted';
  readonly product: 'Jira Cloud';
  readonly framework: 'Connect';
  readonly summary: string;
  readonly links: Readonly<Record<string, string>>;
  readonly storesDataOutsideAtlassian: boolean;
  readonly hasPrivacyStatement: boolean;
  readonly hasProcessingAgreement: boolean;
  readonly gdpr: { readonly deletionOnRequest: boolean; readonly exportOnRequest: boolean };
}

/** Makes the metadata for an app key. Who runs the app for itself has a listing that says so. */
export function listingOf(addonKey: string, deployment: Deployment): Listing {
  return {
    name: 'Twinline',
    key: addonKey,
    hosting: deployment === 'cloud' ? 'cloud' : 'self-hosted',
    product: 'Jira Cloud',
    framework: 'Connect',
    summary: 'Keeps Jira issues of two parties in step, and forgets them on time.',
    links: {
      descriptor: '/atlassian-connect.json',
      privacy: paths.statement,
      security: paths.security,
      processors: paths.processors,
      agreement: paths.agreement,
      support: paths.contact,
    },
    storesDataOutsideAtlassian: true,
    hasPrivacyStatement: true,
    hasProcessingAgreement: true,
    gdpr: { deletionOnRequest: features.earlyDeletion, exportOnRequest: features.export },
  };
}
