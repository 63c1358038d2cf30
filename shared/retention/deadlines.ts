/**
 * Every day and hour that we promise, in one place: the documents say these numbers, and tests hold them against the
 * code that keeps them. Pure. @see PROMISES.md §6, DESIGN.md §5
 */
import { COPY_DAYS, LIVE_DAYS } from './catalogue.ts';

/** What a customer is promised about the end of its data. Days and hours after the day on which it left. */
export const deadlines = {
  /** Names and pictures of people, should any be cached. */
  identityHours: 24,
  copyDays: COPY_DAYS,
  liveDays: LIVE_DAYS,
  /** A site that is only silent counts as gone after this, not before. @see PRIVACY-ENGINE.md §2 */
  silentDays: 14,
  backupsDays: 155,
  /** From here on somebody of ours is woken when anything is left. */
  alarmDays: 150,
  hardStopDays: 180,
  /** After a request for earlier deletion. */
  requestLiveHours: 72,
  requestUnreadableHours: 96,
  requestDays: 30,
  requestBackupDays: 35,
} as const;

/** How long things that nobody can delete one by one stay behind the live data. */
export const residues = {
  /** A backup is made at least this often, and no backup is kept longer. */
  backupEveryHours: 24,
  backupKeptDays: 28,
  /** Firestore's older versions of a record. */
  versionDays: 7,
  /** Messages between the parts of the service. */
  messageDays: 7,
  logDays: 30,
  /** Google's own storage layers. @see cloud.google.com/docs/security/deletion */
  providerActiveDays: 60,
  providerBackupDays: 180,
} as const;

/** How fast people answer. (Ours.) @see PROMISES.md E-13, X-22 to */
export const answerTimes = {
  acknowledgeDays: 3,
  rightsDays: 30,
  conceptWorkingDays: 5,
  problemDays: 1,
  disclosureHours: 72,
  /** How long a legal hold lasts before it has to be renewed. */
  holdDays: 90,
  transferNoticeDays: 30,
  changeNoticeDays: 30,
} as const;
