/** What only the operator of an installation knows about the outside parties it uses. Set once, in the configuration. */

/** Where data may be. `be+zrh`: Belgium, and sealed backups in Zurich. `eu`: backups in the European Union, too. */
export type Residency = 'be+zrh' | 'eu';

/** Who runs an installation: we for customers, or a customer for itself, without any processing by us. */
export type Deployment = 'cloud' | 'selfHosted';

/** The parties of the register about which the operator says something. */
export type PartyId = 'google' | 'mail' | 'desk' | 'offline' | 'bucket';

/** All of them. */
export const partyIds: readonly PartyId[] = ['google', 'mail', 'desk', 'offline', 'bucket'];

/** What the operator says about one party. Days are `YYYY-MM-DD`. */
export interface Party {
  readonly name?: string | undefined;
  readonly region?: string | undefined;
  readonly host?: string | undefined;
  /** The operator's own number or date of the data processing agreement with it. */
  readonly agreement?: string | undefined;
  /** The day from which it is used. */
  readonly since?: string | undefined;
  /** The day on which customers were told. */
  readonly announced?: string | undefined;
}

export type Parties = Readonly<Partial<Record<PartyId, Party>>>;

/** Who runs an installation, as its public contact page shows it. */
export interface Operator {
  readonly name: string;
  readonly address?: string | undefined;
  readonly mail?: string | undefined;
  /** The person or office responsible for data protection. */
  readonly privacyMail?: string | undefined;
  readonly website?: string | undefined;
  readonly desk?: string | undefined;
  readonly releases?: string | undefined;
  readonly community?: string | undefined;
}
