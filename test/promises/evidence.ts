/**
 * Every promise of the two statements, in our own short words, and what shows that it is kept. Ids as in PROMISES.md. A row without
 * `tests` is kept by people, and `byHand` names what they have to give; a row with both is shown here as far as software can.
 */

/** What shows one promise. */
export interface Evidence {
  readonly promise: string;
  /** Files under `test/` without their ending, and how the titles begin, or the group that they are in; an empty text: all of the file. */
  readonly tests?: Readonly<Record<string, readonly string[]>>;
  readonly byHand?: string;
}

export const evidence: Readonly<Record<string, Evidence>> = {
  'E-01': {
    promise: 'The statement shows when it last changed',
    tests: { 'flow/trust': ['P9', 'P20', 'P21'], 'unit/evidence/documents/policy': ['P23'] },
  },
  'E-02': {
    promise: 'Privacy comes before other work: what breaks it does not pass the check',
    tests: { house: [''] },
  },
  'E-03': {
    promise: 'Whatever tells who somebody is has a class and rules',
    tests: { 'flow/export': ['R41'], 'unit/evidence/documents/statement': ['P10'] },
  },
  'E-04': {
    promise: 'It is a service for Atlassian Cloud',
    tests: { 'unit/evidence/documents/listing': ['P28'], 'unit/descriptor': [''] },
  },
  'E-05': {
    promise: 'It comes in through Atlassian Connect',
    tests: { 'unit/descriptor': [''], 'flow/lifecycle': [''] },
    byHand: 'The Forge door is not built: the same suite has to pass on it when it is.',
  },
  'E-06': { promise: 'Its listing shows it as a cloud app', tests: { 'unit/evidence/documents/listing': ['P28'] } },
  'E-07': {
    promise: 'A customer can run it for itself, without the vendor',
    tests: { 'unit/retention/processors': ['P29'], 'flow/trust': ['P29'] },
  },
  'E-08': { promise: 'That variant is known by its listing', tests: { 'unit/evidence/documents/listing': ['P28'] } },
  'E-09': {
    promise: 'The statement is about the cloud app, and says what is gathered',
    tests: { 'unit/evidence/documents/policy': ['P20'], 'flow/trust': ['P29'] },
  },
  'E-10': {
    promise: 'What customers make in Jira is known as theirs',
    tests: { 'unit/evidence/documents/statement': ['P10'], 'flow/export': ['R40'] },
  },
  'E-11': { promise: 'Security measures are those of today', tests: { 'unit/retention/measures': ['P6'] } },
  'E-12': { promise: 'They are renewed', tests: { 'unit/retention/measures': ['P7', 'P8'] } },
  'E-13': {
    promise: 'Who asks gets the security concept',
    tests: { 'flow/trust': ['P9', 'P15'] },
    byHand: "That questions are answered in five working days: the operator's log of the contact address.",
  },
  'E-14': {
    promise: 'Nothing of Jira is kept but what is listed',
    tests: { 'contract/store': ['the catalogue at run time'], 'flow/export': ['R40'] },
  },
  'E-15': {
    promise: 'Account data serve licences, contracts and talking to the site only',
    tests: { 'flow/export': ['R40'], 'unit/evidence/documents/statement': ['P10'] },
  },
  'E-16': {
    promise: 'The account record holds the listed fields, and its secret never shows',
    tests: {
      'flow/export': ['R41'],
      'contract/store': ['the catalogue at run time'],
      'canaries/odd': ['webhooks and lifecycle calls', 'what comes from ourselves'],
    },
  },
  'E-17': {
    promise: 'Operation data are kept for a short time',
    tests: { 'unit/retention/clocks': ['R11', 'R12'], 'flow/purge': ['R20'] },
  },
  'E-18': {
    promise: 'They go when the need ends',
    tests: { 'flow/purge': ['R11', 'R20'], 'unit/retention/clocks': ['R12'] },
  },
  'E-19': {
    promise: 'Licence information is held, without history',
    tests: { 'unit/retention/probes': ['R33'], 'flow/probe': ['R33'] },
  },
  'E-20': { promise: 'Sync relations are held and go with their tenant', tests: { 'flow/purge': ['R14'] } },
  'E-21': { promise: 'Traces are held: ids and hashes', tests: { 'flow/export': ['R40'], 'flow/returnLate': ['R37'] } },
  'E-22': {
    promise: 'Two versions of an issue are held as copies, for thirty days after the mark at most',
    tests: { 'flow/purge': ['R11'], 'flow/returnLate': ['R37'] },
  },
  'E-23': {
    promise: 'What customers upload can be taken out, and goes',
    tests: { 'flow/export': ['R40', 'R42'], 'flow/purge': ['R14'] },
  },
  'E-24': {
    promise: 'That covers configuration and managed metadata',
    tests: { 'unit/evidence/documents/statement': ['P10'], 'flow/purge': ['R14'] },
  },
  'E-25': {
    promise: 'Usage is counted apart, of no person, for a limited time',
    tests: { 'flow/usage': ['R57', 'R58', 'R59'] },
  },
  'E-26': {
    promise: 'A report to support is started by a person, who sees what is sent',
    tests: { 'flow/report': ['R64', 'R66'] },
  },
  'E-27': { promise: 'It reaches support without further steps', tests: { 'flow/report': ['R66', 'R68'] } },
  'E-28': {
    promise: 'It gathers what support needs, and no secret',
    tests: { 'unit/evidence/bundle': ['R61', 'R62'], 'flow/report': ['R61'], 'canaries/report': [''] },
  },
  'E-29': { promise: "Its ticket is in the name of the person's own address", tests: { 'flow/report': ['R65'] } },
  'E-30': {
    promise: 'What support may look at stays in the region; a download is logged and ends',
    tests: { 'flow/report': ['R66', 'R69'] },
    byHand: "Downloads of support people need the operators' sign-in, which comes with the deployment.",
  },
  'E-31': {
    promise: 'Support data go with the ticket, or with the tenant',
    tests: { 'flow/report': ['R69', 'R70'], 'flow/ticketsPurge': ['R71'] },
  },
  'E-32': {
    promise: 'All data are in Belgium',
    tests: { 'unit/infra/plan': ['P25', 'P26', 'P27'] },
    byHand: "The start-up check against Google's own answer needs a project in the cloud.",
  },
  'E-33': {
    promise: 'Backups are offline in Zurich, sealed',
    tests: {
      'flow/backup': ['B8', 'B14', 'B15', 'B16'],
      'unit/backup/schedule': ['B3'],
      'unit/evidence/documents/statement': ['P13'],
    },
    byHand: 'The contract with the provider in Zurich and a drill against its own server.',
  },
  'E-34': {
    promise: "Only staff that were let in see customers' data",
    tests: { 'flow/staff': ['R80', 'R81', 'R82', 'R83', 'R84'], 'unit/evidence/trail': ['R76'] },
  },
  'E-35': {
    promise: 'Whoever works for us has the same duties by contract',
    tests: { 'unit/retention/processors': ['P1'] },
    byHand: 'The signed agreements that the register names.',
  },
  'E-36': {
    promise: 'An agreement on the processing gives the detail',
    tests: { 'unit/evidence/documents/statement': ['P17', 'P19'] },
  },
  'E-37': {
    promise: 'The end of a subscription marks the data, and the customer is told the day',
    tests: { 'flow/probe': ['R27', 'R29'], 'flow/notices': ['M8'], 'flow/licenceLife': ['R29'] },
  },
  'E-38': {
    promise: 'By day 180 at the latest everything is gone',
    tests: {
      'flow/purge': ['R12', 'R14', 'R16', 'R22', 'R38'],
      'flow/backup': ['B15', 'B17'],
      'unit/retention/clocks': ['R12'],
    },
  },
  'E-39': {
    promise: 'Who subscribes again in time keeps its data',
    tests: { 'flow/probe': ['R28'], 'flow/returnLate': ['R37'], 'flow/earlyDeletion': ['R36'] },
  },
  'E-40': {
    promise: 'A customer can have it done sooner',
    tests: { 'flow/earlyDeletion': ['R34', 'R35', 'R36'], 'flow/purge': ['R13'] },
  },
  'E-41': {
    promise: 'The statement can be had as a PDF',
    tests: { 'flow/trust': ['P22'], 'unit/evidence/documents/policy': ['P22'] },
  },
  'E-42': {
    promise: 'Release notes, glossary, security page, desk and community are linked',
    tests: { 'flow/trust': ['P9', 'P15'] },
    byHand: "That links to the operator's own pages answer: a look at each release.",
  },
  'X-01': { promise: 'A dated policy says what is gathered and for what', tests: { 'flow/trust': ['P9', 'P20'] } },
  'X-02': { promise: 'Gathering and sharing are done with care', tests: { 'unit/retention/outboundHosts': ['P5'] } },
  'X-03': { promise: 'The policy is for the apps on Atlassian Cloud', tests: { 'flow/trust': ['P29'] } },
  'X-04': {
    promise: 'Going on using the app is never taken as consent for what is not needed',
    tests: { 'unit/retention/outboundHosts': ['P5'], 'unit/evidence/documents/statement': ['P18'] },
  },
  'X-05': {
    promise: 'Contact data of a purchase may be used for mails of the contract',
    tests: { 'flow/contact': [''], 'unit/mail/letter': ['M7'] },
  },
  'X-06': {
    promise: 'Texts may hold personal data: sealed, and in no log',
    tests: {
      'flow/backup': ['B8'],
      'unit/gcp/log': [''],
      'canaries/watch': [''],
      'canaries/sync': [''],
      'canaries/life': [''],
    },
  },
  'X-07': {
    promise: 'Addresses and the like may come in; telephone and billing data are not taken',
    tests: { 'flow/sensitive': ['R60'], 'unit/gcp/log': [''] },
  },
  'X-08': {
    promise: 'Cookies are registered, and only those that are needed',
    tests: { 'unit/evidence/documents/statement': ['P18'] },
  },
  'X-09': {
    promise: 'Who refuses cookies can still use it',
    tests: { 'unit/evidence/documents/statement': ['P18'], 'flow/trust': ['P9'] },
  },
  'X-10': {
    promise: 'Analytics and error tracking by others are off',
    tests: { 'unit/retention/outboundHosts': ['P5'] },
  },
  'X-11': { promise: 'No script of others runs in our pages', tests: { 'flow/trust': ['P9'] } },
  'X-12': {
    promise: 'A list names who works for us; changes are told before',
    tests: { 'flow/trust': ['P1', 'P2'], 'flow/notices': ['M21'], 'unit/retention/processors': ['P2'] },
  },
  'X-13': { promise: "Atlassian's APIs tell who people are; used in place", tests: { 'flow/names': ['R44', 'R46'] } },
  'X-14': { promise: 'Names are kept for a day at most', tests: { 'flow/names': ['R44', 'R45'] } },
  'X-15': {
    promise: 'Nothing is aimed at children; who tells us has it erased',
    tests: { 'flow/people': ['R54', 'R56'] },
  },
  'X-16': {
    promise: 'Customers are written to at the address that Atlassian hands over',
    tests: { 'flow/contact': [''], 'flow/probe': ['R33'] },
  },
  'X-17': {
    promise: 'Monitoring serves the speed of the service, without ids in its labels',
    byHand:
      'The dashboards and labels of Cloud Monitoring, looked at with each deployment: nothing here writes a metric.',
  },
  'X-18': {
    promise: "What is stored serves the product's functions alone",
    tests: { 'unit/evidence/documents/statement': ['P10'] },
  },
  'X-19': { promise: 'Nobody else gets it', tests: { 'unit/retention/outboundHosts': ['P5'], 'unit/http': [''] } },
  'X-20': {
    promise: 'Hosts of the data are on the list',
    tests: { 'unit/retention/processors': ['P1'], 'unit/retention/outboundHosts': ['P5'] },
  },
  'X-21': {
    promise: 'They use it for their own service only',
    tests: { 'unit/retention/processors': ['P1'] },
    byHand: 'The signed agreements that the register names.',
  },
  'X-22': {
    promise: 'Data may be handed over where the law demands it: registered',
    tests: { 'flow/cases': ['R88', 'R89', 'R92'] },
  },
  'X-23': {
    promise: 'Or against abuse, with a hold of the part that is meant',
    tests: { 'flow/cases': ['R89'], 'flow/hold': ['R85', 'R86', 'R87'] },
  },
  'X-24': { promise: 'A change of owner is told before', tests: { 'flow/cases': ['R91'] } },
  'X-25': { promise: 'Systems with personal data are secured', tests: { 'unit/retention/measures': ['P6'] } },
  'X-26': {
    promise: 'Card numbers are not taken',
    tests: { 'flow/sensitive': ['R60'], 'unit/retention/sensitive': ['R60'] },
  },
  'X-27': { promise: 'Nor other data of the most sensitive kinds', tests: { 'unit/retention/sensitive': ['R60'] } },
  'X-28': {
    promise: 'Mails of the contract hold no advertising',
    tests: { 'unit/mail/notices': ['M12', 'M13'], 'flow/news': ['M18'] },
  },
  'X-29': {
    promise: 'News go only to who asked for them',
    tests: { 'unit/mail/letter': ['M7'], 'flow/news': ['M3', 'M19', 'M20'], 'flow/spokenConsent': ['M26'] },
  },
  'X-30': { promise: 'One click ends them, at once', tests: { 'flow/news': ['M16', 'M17'], 'unit/mail/tokens': [''] } },
  'X-31': { promise: 'The policy may change', tests: { 'unit/evidence/documents/policy': ['P21', 'P23'] } },
  'X-32': {
    promise: 'Changes are on its page',
    tests: { 'flow/trust': ['P21'], 'unit/evidence/documents/policy': ['P24'] },
  },
  'X-33': {
    promise: 'Local privacy law is followed: strict everywhere',
    tests: { 'flow/trust': ['P13'], 'flow/names': ['R44'] },
    byHand: 'The legal review for each country.',
  },
  'X-34': { promise: 'Requests about personal data have a contact and a clock', tests: { 'flow/people': ['R56'] } },
  'X-35': {
    promise: 'A reported problem is put right without delay',
    tests: { 'flow/cases': ['R90', 'R92'] },
    byHand: 'The notes after each incident.',
  },
  'X-36': { promise: 'Questions go to customer service', tests: { 'flow/trust': ['P15'] } },
  'X-37': {
    promise: 'A failing page says so in plain words',
    byHand: 'The pages inside Jira come later; until then the local page, looked at by a person.',
  },
};
