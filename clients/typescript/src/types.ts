// Generated from the OpenAPI document by `make clients`. Do not edit.
/** The requests and responses, with the names of the API. Times are RFC 3339. */

/** A time in a request. */
export type Moment = string | Date;

/** A claim, with its participant and its end. */
export interface AdminClaim {
  /** The id of the claim. */
  claim_id: string;
  /** The id of the reward. */
  reward_id: string;
  /** The reward's code. */
  reward_code: string;
  /** The reward's name. */
  reward_name: string;
  /** The kind of reward. */
  reward_type: "coupon" | "digital" | "physical" | "points_multiplier" | "voucher";
  /** `claimed` until an administrator fulfils or cancels the claim. */
  status: "cancelled" | "claimed" | "fulfilled";
  /** The code that the claim got; null for none. */
  code_value: string | null;
  /** The points that the claim cost. */
  points_deducted: number;
  /** When the reward was claimed. */
  claimed_at: string;
  /** When the claim was fulfilled; null if it was not. */
  fulfilled_at: string | null;
  /** When the claim was cancelled; null if it was not. */
  cancelled_at: string | null;
  /** Your application's own id of the user. */
  participant_id: string;
  /** The participant's name from the profile; null for none. */
  display_name: string | null;
  /**
   * The name of the key that fulfilled or cancelled the claim; null for open claims, and for claims that an older
   * version closed.
   */
  closed_by: string | null;
  /** The reason or note with which the claim was fulfilled or cancelled; null for none. */
  reason: string | null;
}

/** A page of the project's claims. */
export interface AdminClaimsAnswer {
  /** The claims, the newest first. */
  items: AdminClaim[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** Adds to an objective with the measure count or sum; by default to the first one. */
export interface AdvanceChallenge {
  type: "advance_challenge";
  /** The challenge's code. */
  challenge_code: string;
  /** The code of the objective to advance; null for the first one that counts or sums. */
  objective_code?: string | null;
  /** How far to advance it: a number, or an expression that computes one. */
  by?: number | string;
}

/** The participants of a ranking among friends, and the window. */
export interface AmongRequest {
  /** The participants. Participants without a score in the window are not shown. */
  participant_ids: string[];
  /** A time window or the code of a season; null for the board's own time window. */
  period?: string | null;
  /** A past period, such as 2026-02; null for the current one. */
  period_key?: string | null;
  /** `profile` adds names and avatars; null for neither. */
  include?: string | null;
}

/**
 * `hint` is the beginning of the key. The key works until `expires_at` or `revoked_at`, whichever comes first.
 * `last_used_at` is the time of its last request, accurate to about a minute; null if no use has been recorded.
 */
export interface ApiKey {
  /** The id of the key. */
  id: string;
  /** The name of the key. */
  name: string;
  /** The permissions of the key: each scope includes those before it. */
  scope: "admin" | "gamify" | "gamify:admin" | "gamify:read" | "gamify:support" | "operator";
  /** The first characters of the key. */
  hint: string;
  /** Requests per second; null for the server's default, 0 for no limit. */
  rate_limit: number | null;
  /** When the key was created. */
  created_at: string;
  /** When the key expires; null for never. */
  expires_at: string | null;
  /** When the key was revoked; null if it was not. */
  revoked_at: string | null;
  /** The time of its last request, to the minute or so; null if none is known. */
  last_used_at: string | null;
}

/** The keys of the project. */
export interface ApiKeysAnswer {
  /** The keys, in the order of their creation. */
  items: ApiKey[];
  /** The number of keys in the list. */
  total: number;
}

/** The tier to assign, and the participant. */
export interface AssignTierRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** The tier's code. */
  tier_code: string;
  /** Shown in the transaction history. */
  reason?: string | null;
}

/** One attempt to deliver an event. */
export interface Attempt {
  /** When the attempt began. */
  at: string;
  /** How long it took, in milliseconds. */
  duration_ms: number;
  /** The status of the response; null if none came. Every 2xx is a success. */
  status?: number | null;
  /** The reason why no response came; null for a response. */
  failure?:
    | "address_not_allowed"
    | "certificate_invalid"
    | "connection_lost"
    | "event_not_kept"
    | "name_not_found"
    | "not_connected"
    | "response_invalid"
    | "timeout"
    | null;
  /** The first 4 KiB of the response's body; null if it was empty, and once the person is erased. */
  response?: string | null;
}

/** A page of the audit log. */
export interface AuditAnswer {
  /** The changes, the latest first. */
  items: AuditEntry[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/**
 * `before` and `after` hold the changed fields. `key_id` is null for changes made on the command line or with the key
 * in LAURELS_ADMIN_KEY. `object_id` is the id of the changed object; for a participant it is a random id.
 */
export interface AuditEntry {
  /** The id of the entry. */
  id: string;
  /** When the change was made, in real time. */
  at: string;
  /** The id of the key that made the change; null for the command line and for the key of the environment. */
  key_id: string | null;
  /** The name of that key, or `command line`. */
  actor: string;
  /** The id of the request; null for the command line, and once the participant has been erased. */
  request_id: string | null;
  /** The kind of change. */
  action:
    | "anonymize"
    | "archive"
    | "assign_tier"
    | "award_badge"
    | "award_points"
    | "cancel_claim"
    | "capture_hold"
    | "change"
    | "claim_reward"
    | "create"
    | "deduct_points"
    | "delete"
    | "fulfil_claim"
    | "hold_points"
    | "join_challenge"
    | "leave_challenge"
    | "move_clock"
    | "record_event"
    | "record_streak"
    | "release_hold"
    | "resend"
    | "restore"
    | "reverse_points"
    | "revoke"
    | "revoke_badge"
    | "revoke_codes"
    | "rotate"
    | "save_profile"
    | "test"
    | "unarchive"
    | "upload_codes";
  /** The kind of thing that was changed, such as `badge`. */
  kind: string;
  /** The id of the thing that was changed; for a participant a random one, or null. */
  object_id: string | null;
  /** The code of the thing that was changed; null if it has none. */
  code: string | null;
  /** The changed fields before; null if there were none. */
  before: Record<string, unknown> | null;
  /** The changed fields afterwards; null if there are none. */
  after: Record<string, unknown> | null;
}

/** The badge to award, and the participant. */
export interface AwardBadgeRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** The badge's code. */
  badge_code: string;
  /** Shown in the transaction history. */
  reason?: string | null;
  /** Your own data, stored with the fact: at most 65,536 bytes of JSON. */
  metadata?: Record<string, unknown> | null;
}

/** The results of a batch of awards. */
export interface AwardBatchAnswer {
  /** The number of awards that succeeded. */
  processed: number;
  /** The number of awards with an error. */
  failed: number;
  /** One result for each award, in their order. */
  results: AwardBatchResult[];
}

/** 1 to 100 awards. Each is decided separately. */
export interface AwardBatchRequest {
  /** The awards. Each is decided separately. */
  awards: AwardPointsRequest[];
}

/**
 * The outcome of one item: a transaction, or an error message and its code. `expires_at` is present if the points
 * expire at another time than requested. `idempotency_differs` lists the fields in which the item differs from the
 * first request with its idempotency key.
 */
export interface AwardBatchResult {
  /** Your application's own id of the user. */
  participant_id: string | null;
  /** The id of the transaction; null if the award failed. */
  transaction_id?: string | null;
  /** The balance after the award; null if it failed. */
  new_balance?: number | null;
  /** A sentence that explains why this item failed; null if it succeeded. */
  error?: string | null;
  /** The code of that error, for programs; null if the item succeeded. */
  error_code?: string | null;
  /** The expiry of the points; present only with `requested_expires_at`. */
  expires_at?: string;
  /** The requested expiry, if the points expire at another time. */
  requested_expires_at?: string;
  /**
   * The fields whose values differ from those of the first request with this idempotency key; left out if there are
   * none.
   */
  idempotency_differs?: string[];
}

/** Points to award. They never expire, unless `expires_at` or `expires_in_days` is given. */
export interface AwardPointsRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** Points, a whole number. */
  amount: number;
  /** Shown in the transaction history. */
  reason?: string | null;
  /** Your own data, stored with the fact: at most 65,536 bytes of JSON. */
  metadata?: Record<string, unknown> | null;
  /** Makes retries safe: the same key never acts twice for the same participant and operation. */
  idempotency_key?: string | null;
  /** The time when it happened, by RFC 3339. A time without an offset is in UTC. */
  timestamp?: Moment | null;
  /** The expiry of the points; null for never. RFC 3339; without an offset it is read as UTC. */
  expires_at?: Moment | null;
  /** The points expire at the end of the day this many days later, in the participant's time zone; null for never. */
  expires_in_days?: number | null;
}

/** The badge that the participant now has. */
export interface BadgeAwardedAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The badge's code. */
  badge_code: string;
  /** The badge's name. */
  badge_name: string;
  /** The address of the badge's image; null if it has none. */
  icon: string | null;
  /** How rare the badge is, in the project's own words. */
  rarity: string;
  /** When the participant earned the badge. */
  earned_at: string;
  /** Whether the participant had the badge before; then nothing was changed. */
  already_earned: boolean;
  /** Everything else that the request caused, such as badges and tiers; left out if there is nothing. */
  effects?: Effects;
}

/** A badge. A hidden badge is shown only to participants who have earned it. */
export interface BadgeDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean | null;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number | null;
  /** The name that participants see. */
  name: string;
  /** The text that participants see; null for none. */
  description?: string | null;
  /** The address of an image: http, https, a data URL or a relative address; null for none. */
  icon_url?: string | null;
  /** A word for your application to group badges by; null for none. */
  category?: string | null;
  /** How rare the badge is, in your own words. */
  rarity?: string | null;
  /** Whether only participants who have earned the badge see it. */
  is_hidden?: boolean | null;
  /** A CEL expression over participant and now. The badge is earned as soon as it is true. */
  criteria?: string | null;
}

/** A badge. A hidden badge is shown only to participants who have earned it. */
export interface BadgeDefinitionAnswer {
  /** The definition's id, which never changes. */
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order: number;
  /** The name that participants see. */
  name: string;
  /** The text that participants see; null for none. */
  description: string | null;
  /** The address of an image: http, https, a data URL or a relative address; null for none. */
  icon_url: string | null;
  /** A word for your application to group badges by; null for none. */
  category: string | null;
  /** How rare the badge is, in your own words. */
  rarity: string;
  /** Whether only participants who have earned the badge see it. */
  is_hidden: boolean;
  /** A CEL expression over participant and now. The badge is earned as soon as it is true. */
  criteria: string | null;
  /** When it was created. */
  created_at: string;
  /** When it was last changed. */
  updated_at: string;
  /** When it was deleted; null if it is not. */
  deleted_at: string | null;
}

/** A page of the project's definitions of one kind. */
export interface BadgeDefinitionList {
  /** The rows of this page, in their order. */
  items: BadgeDefinitionAnswer[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** The fields to change; all others stay as they are. */
export interface BadgeDefinitionPatch {
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number;
  /** The name that participants see. */
  name?: string;
  /** The text that participants see; null for none. */
  description?: string | null;
  /** The address of an image: http, https, a data URL or a relative address; null for none. */
  icon_url?: string | null;
  /** A word for your application to group badges by; null for none. */
  category?: string | null;
  /** How rare the badge is, in your own words. */
  rarity?: string;
  /** Whether only participants who have earned the badge see it. */
  is_hidden?: boolean;
  /** A CEL expression over participant and now. The badge is earned as soon as it is true. */
  criteria?: string | null;
}

/** The badge that a participant earned. */
export interface BadgeEarnedData {
  /** The badge's code. */
  badge_code: string;
  /** The badge's name. */
  badge_name: string;
  /** The badge's description; null for none. */
  description?: string | null;
  /** The address of the badge's image; null for none. */
  icon_url?: string | null;
  /** How rare the badge is, in the project's own words. */
  rarity: string;
  /** The reason that was given with the award; null for none. */
  reason?: string | null;
  /** Your own data, as sent with the request; null for none. */
  metadata?: Record<string, unknown> | null;
}

/** A participant earned a badge. */
export interface BadgeEarnedEvent {
  type: "badge.earned";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: BadgeEarnedData;
}

/** A badge that was earned. */
export interface BadgeEffect {
  /** The badge's code. */
  badge_code: string;
  /** The badge's name. */
  badge_name: string;
  /** The address of the badge's image; null if it has none. */
  icon: string | null;
  /** How rare the badge is, in the project's own words. */
  rarity: string;
  /** The code of the rule or challenge that awarded it; null for a badge earned by its criteria. */
  due_to: string | null;
}

/** The badge that the participant no longer has. */
export interface BadgeRevokedAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The badge's code. */
  badge_code: string;
  /** The badge's name. */
  badge_name: string;
  /** When the participant had earned the badge. */
  earned_at: string;
  /** When the badge was taken away. */
  revoked_at: string;
  /** Everything else that the request caused, such as badges and tiers; left out if there is nothing. */
  effects?: Effects;
}

/** The badge that was taken away from a participant. */
export interface BadgeRevokedData {
  /** The badge's code. */
  badge_code: string;
  /** The badge's name. */
  badge_name: string;
  /** The reason; null for none. */
  reason?: string | null;
}

/** A badge was taken away from a participant. */
export interface BadgeRevokedEvent {
  type: "badge.revoked";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: BadgeRevokedData;
}

/** A badge that the participant can see, earned or not. */
export interface BadgeSection {
  /** The badge's code. */
  code: string;
  /** The badge's name. */
  name: string;
  /** Whether the participant has the badge now. */
  earned: boolean;
  /** When the participant earned it; null if not earned. */
  earned_at: string | null;
}

/** A badge that the participant can see, earned or not. */
export interface BadgeStatus {
  /** The badge's code. */
  code: string;
  /** The badge's name. */
  name: string;
  /** The badge's description; null if it has none. */
  description: string | null;
  /** The address of the badge's image; null if it has none. */
  icon: string | null;
  /** How rare the badge is, in the project's own words. */
  rarity: string;
  /** Whether the participant has the badge now. */
  earned: boolean;
  /** When the participant earned it; null if not earned. */
  earned_at: string | null;
}

/** `total` and `earned_count` count all badges that the participant can see, regardless of filters. */
export interface BadgesAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The badges, in display order. */
  badges: BadgeStatus[];
  /** The number of badges that the participant can see, whatever the filters. */
  total: number;
  /** The number of these badges that the participant has earned. */
  earned_count: number;
}

/** `progress` is there while a new board is being filled from history: 0 to 1. */
export interface BoardAnswer {
  /** The leaderboard's code. */
  leaderboard_code: string;
  /** The time window of the scores, or the code of the season. */
  period: string;
  /** The participants, the best first. */
  entries: BoardEntry[];
  /** The number of participants with a score in the window. */
  total_participants: number;
  /** The period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; null for all time and seasons. */
  period_key: string | null;
  /** When the window ends; null for all time and past periods. */
  resets_at: string | null;
  /** When the result was stored; only with `result=true`. */
  result_at?: string;
  /** The cursor of the next entries, for `after`; left out if no entries follow. */
  next_cursor?: string;
  /** How much of the board is filled, 0 to 1; left out once it is filled. */
  progress?: number;
}

/**
 * `change` compares with the rank of the last full hour (daily boards) or the last midnight: null beyond rank 1,000 and
 * for past periods.
 */
export interface BoardEntry {
  /** The place, from 1. Equal scores share a rank. */
  rank: number;
  /** Your application's own id of the user. */
  participant_id: string;
  /** The participant's score in the window. */
  score: number;
  /**
   * The numbers of the tie-breakers, in order; only on boards with tie-breakers. Null for a number that no fact has
   * given.
   */
  tie_values?: (number | null)[];
  /** The place on the whole board; only in a ranking among some participants, where `rank` is the place among them. */
  global_rank?: number;
  /**
   * The change of the rank since the last tick; `new` if the participant was not on the board then. Null beyond rank
   * 1,000 and for past periods.
   */
  change: "down" | "new" | "same" | "up" | null;
  /** The participant's name, with `include=profile`; null if there is none. */
  display_name?: string | null;
  /** The address of the participant's image, with `include=profile`; null if there is none. */
  avatar_url?: string | null;
}

/**
 * A cancellation. With `return_item`, the code or the item of the inventory can be claimed again by any participant.
 */
export interface CancelClaimRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** The id of the claim. */
  claim_id: string;
  /** Whether the points that the claim cost are returned, with their expiry dates. */
  return_points?: boolean | null;
  /** Whether its code and its item of the inventory can be claimed again. */
  return_item?: boolean | null;
  /** Shown in the transaction history. */
  reason?: string | null;
}

/** The hold to capture, and the points to spend, by default all of them. The rest is released. */
export interface CaptureRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** Shown in the transaction history. */
  reason?: string | null;
  /** Your own data, stored with the fact: at most 65,536 bytes of JSON. */
  metadata?: Record<string, unknown> | null;
  /** Makes retries safe: the same key never acts twice for the same participant and operation. */
  idempotency_key?: string | null;
  /** The id of the hold. */
  hold_id: string;
  /** The points to spend; null for all points of the hold. */
  amount?: number | null;
}

/** A participant completed a challenge. */
export interface ChallengeCompletedEvent {
  type: "challenge.completed";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: ChallengeData;
}

/** A participant's challenge. */
export interface ChallengeData {
  /** The challenge's code. */
  challenge_code: string;
  /** The challenge's name. */
  challenge_name: string;
  /** The address of the challenge's image; null for none. */
  icon_url?: string | null;
}

/**
 * A challenge: objectives, and the actions for completing all of them. With a `period`, it can be completed once per
 * day, week or month of the participant's calendar; the last `late_periods` periods take late events.
 */
export interface ChallengeDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean | null;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number | null;
  /** The name that participants see. It is the reason of awarded points without a reason. */
  name: string;
  /** The text that participants see; null for none. */
  description?: string | null;
  /** The address of an image: http, https, a data URL or a relative address; null for none. */
  icon_url?: string | null;
  /** `automatic`: the first event that counts begins a run. `manual`: participants join by a call. */
  join_type?: "automatic" | "manual" | null;
  /** Whether a participant can complete the challenge more than once. Not together with `period`. */
  is_repeatable?: boolean | null;
  /** Events that occurred at this time or later count; null for no beginning. */
  starts_at?: Moment | null;
  /** Events that occurred before this time count; null for no end. */
  ends_at?: Moment | null;
  /** How many days of 24 hours a run may take; null for no deadline. Not together with `period`. */
  duration_days?: number | null;
  /**
   * The challenge can be completed once in each such period of the participant's calendar; null for no periods. It
   * cannot be changed.
   */
  period?: "daily" | "monthly" | "weekly" | null;
  /** With a `period`: how many periods before the newest one accept late events; null stands for 2. */
  late_periods?: number | null;
  /** The objectives, all of which must be reached. */
  objectives: ObjectiveDefinition[];
  /** Actions on the way to completing the challenge. */
  milestones?: MilestoneDefinition[] | null;
  /** The actions that take effect when the challenge is completed. */
  actions?:
    | (GivePoints
    | TakePoints
    | PutInTier
    | ContinueStreak
    | AdvanceChallenge
    | GiveBadge
    | GrantReward)[]
    | null;
}

/**
 * A challenge: objectives, and the actions for completing all of them. With a `period`, it can be completed once per
 * day, week or month of the participant's calendar; the last `late_periods` periods take late events.
 */
export interface ChallengeDefinitionAnswer {
  /** The definition's id, which never changes. */
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order: number;
  /** The name that participants see. It is the reason of awarded points without a reason. */
  name: string;
  /** The text that participants see; null for none. */
  description: string | null;
  /** The address of an image: http, https, a data URL or a relative address; null for none. */
  icon_url: string | null;
  /** `automatic`: the first event that counts begins a run. `manual`: participants join by a call. */
  join_type: "automatic" | "manual";
  /** Whether a participant can complete the challenge more than once. Not together with `period`. */
  is_repeatable: boolean;
  /** Events that occurred at this time or later count; null for no beginning. */
  starts_at: string | null;
  /** Events that occurred before this time count; null for no end. */
  ends_at: string | null;
  /** How many days of 24 hours a run may take; null for no deadline. Not together with `period`. */
  duration_days: number | null;
  /**
   * The challenge can be completed once in each such period of the participant's calendar; null for no periods. It
   * cannot be changed.
   */
  period: "daily" | "monthly" | "weekly" | null;
  /** With a `period`: how many periods before the newest one accept late events; null stands for 2. */
  late_periods: number | null;
  /** The objectives, all of which must be reached. */
  objectives: ObjectiveDefinition[];
  /** Actions on the way to completing the challenge. */
  milestones: MilestoneDefinition[];
  /** The actions that take effect when the challenge is completed. */
  actions: (GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward)[];
  /** When it was created. */
  created_at: string;
  /** When it was last changed. */
  updated_at: string;
  /** When it was deleted; null if it is not. */
  deleted_at: string | null;
}

/** A page of the project's definitions of one kind. */
export interface ChallengeDefinitionList {
  /** The rows of this page, in their order. */
  items: ChallengeDefinitionAnswer[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** The fields to change; all others stay as they are. */
export interface ChallengeDefinitionPatch {
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number;
  /** The name that participants see. It is the reason of awarded points without a reason. */
  name?: string;
  /** The text that participants see; null for none. */
  description?: string | null;
  /** The address of an image: http, https, a data URL or a relative address; null for none. */
  icon_url?: string | null;
  /** `automatic`: the first event that counts begins a run. `manual`: participants join by a call. */
  join_type?: "automatic" | "manual";
  /** Whether a participant can complete the challenge more than once. Not together with `period`. */
  is_repeatable?: boolean;
  /** Events that occurred at this time or later count; null for no beginning. */
  starts_at?: Moment | null;
  /** Events that occurred before this time count; null for no end. */
  ends_at?: Moment | null;
  /** How many days of 24 hours a run may take; null for no deadline. Not together with `period`. */
  duration_days?: number | null;
  /** With a `period`: how many periods before the newest one accept late events; null stands for 2. */
  late_periods?: number | null;
  /** The objectives, all of which must be reached. */
  objectives?: ObjectiveDefinition[];
  /** Actions on the way to completing the challenge. */
  milestones?: MilestoneDefinition[];
  /** The actions that take effect when the challenge is completed. */
  actions?: (GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward)[];
}

/**
 * A challenge that the event advanced, with the state afterwards. `milestones` and `completed` are the milestones
 * reached and the number of completions by this event.
 */
export interface ChallengeEffect {
  /** The challenge's code. */
  challenge_code: string;
  /** The challenge's name. */
  challenge_name: string;
  /** The progress afterwards, 0 to 100. */
  percent: number;
  /** Whether this began a run. */
  joined: boolean;
  /** How often this completed the challenge. */
  completed: number;
  /** The percentages of the milestones that this reached. */
  milestones: number[];
}

/**
 * The run. `ends_at` is the time when it ends, null if it has no end. `already_joined` is true if it had begun before.
 */
export interface ChallengeJoinedAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The challenge's code. */
  challenge_code: string;
  /** The challenge's name. */
  challenge_name: string;
  /** The beginning of the run. */
  joined_at: string;
  /** When the run ends; null for no end. */
  ends_at: string | null;
  /** Whether a run was in progress before; then nothing was changed. */
  already_joined: boolean;
}

/** A run of a challenge that began. */
export interface ChallengeJoinedData {
  /** The challenge's code. */
  challenge_code: string;
  /** The challenge's name. */
  challenge_name: string;
  /** The address of the challenge's image; null for none. */
  icon_url?: string | null;
  /** When the run ends; null if only the challenge's own dates end it. */
  ends_at?: string | null;
}

/** A participant began a run of a challenge, by a request or by an event that counts. */
export interface ChallengeJoinedEvent {
  type: "challenge.joined";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: ChallengeJoinedData;
}

/** The run that the participant has left. */
export interface ChallengeLeftAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The challenge's code. */
  challenge_code: string;
  /** The challenge's name. */
  challenge_name: string;
  /** When the run ended. */
  left_at: string;
}

/** A participant left a challenge. */
export interface ChallengeLeftEvent {
  type: "challenge.left";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: ChallengeData;
}

/** A participant reached a milestone of a challenge. */
export interface ChallengeMilestoneReachedEvent {
  type: "challenge.milestone_reached";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: MilestoneReachedData;
}

/** A challenge that is open to participants. */
export interface ChallengeShown {
  /** The challenge's code. */
  code: string;
  /** The challenge's name. */
  name: string;
  /** The challenge's description; null if it has none. */
  description: string | null;
  /** The address of the challenge's image; null if it has none. */
  icon: string | null;
  /** `automatic`: the first event that counts begins a run. `manual`: participants join by a call. */
  join_type: "automatic" | "manual";
  /** Whether a participant can complete the challenge more than once. */
  is_repeatable: boolean;
  /** The time from which events count; null for no beginning. */
  starts_at: string | null;
  /** The time before which events count; null for no end. */
  ends_at: string | null;
  /** How many days of 24 hours a run may take; null for no deadline. */
  duration_days: number | null;
  /** The challenge can be completed once in each such period; null for no periods. */
  period: "daily" | "monthly" | "weekly" | null;
  /** The objectives, all of which must be reached. */
  objectives: ObjectiveShown[];
  /** The percentages at which milestones are reached. */
  milestones: number[];
}

/**
 * A participant's state in a challenge. `ends_at` is the time when the participant's run ends, `percent` is rounded
 * down.
 */
export interface ChallengeStatus {
  /** The challenge's code. */
  code: string;
  /** The challenge's name. */
  name: string;
  /** The challenge's description; null if it has none. */
  description: string | null;
  /** The address of the challenge's image; null if it has none. */
  icon: string | null;
  /**
   * `not_joined`: no run yet, or left. `active`: a run is in progress. `completed`: completed, without a further run.
   * `expired`: ended before the targets were reached.
   */
  status: "active" | "completed" | "expired" | "not_joined";
  /** The mean progress towards the targets, 0 to 100. */
  percent: number;
  /** The progress towards each objective. */
  objectives: ObjectiveSummary[];
  /** The milestones, and whether they are reached in this run. */
  milestones: MilestoneStatus[];
  /** `automatic`: the first event that counts begins a run. `manual`: participants join by a call. */
  join_type: "automatic" | "manual";
  /** Whether the challenge can be completed more than once. */
  is_repeatable: boolean;
  /** The beginning of the run; null without a run. */
  joined_at: string | null;
  /** When the run ends: the earlier of its deadline and the end of the challenge; null for no end. */
  ends_at: string | null;
  /** The time of the latest completion; null if never completed. */
  completed_at: string | null;
  /** How often the participant has completed the challenge, past periods included. */
  completions: number;
}

/** The challenges of a participant. */
export interface ChallengesAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The challenges, in display order. */
  challenges: ChallengeStatus[];
}

/** The number of the participant's challenges. */
export interface ChallengesSection {
  /** The number of challenges in progress. */
  active: number;
  /** The number of challenges that were completed at least once. */
  completed: number;
}

/** The fields to change; all others stay as they are. */
export interface ChangeKeyRequest {
  /** A name by which you recognise the key later. */
  name?: string;
  /** Requests per second; null for the server's default, 0 for no limit. */
  rate_limit?: number | null;
}

/** The settings to change; all others stay as they are. */
export interface ChangeProjectRequest {
  /** The project's name. */
  name?: string;
  /** IANA name of the time zone in which the project's days and weeks begin. */
  time_zone?: string;
  /** The day on which weeks begin. It can be changed only before the project has a participant. */
  first_day_of_week?: "friday" | "monday" | "saturday" | "sunday" | "thursday" | "tuesday" | "wednesday";
  /** Requests per second; null for the server's default, 0 for no limit. */
  rate_limit?: number | null;
  /** For how many days the content of events is kept; null keeps it permanently. */
  event_retention_days?: number | null;
  /** Whether unknown fields and parameters are refused. */
  strict_fields?: boolean;
}

/** A claim of a reward. */
export interface ClaimAnswer {
  /** The id of the claim. */
  claim_id: string;
  /** The id of the reward. */
  reward_id: string;
  /** The reward's code. */
  reward_code: string;
  /** The reward's name. */
  reward_name: string;
  /** The kind of reward. */
  reward_type: "coupon" | "digital" | "physical" | "points_multiplier" | "voucher";
  /** `claimed` until an administrator fulfils or cancels the claim. */
  status: "cancelled" | "claimed" | "fulfilled";
  /** The code that the claim got; null for none. */
  code_value: string | null;
  /** The points that the claim cost. */
  points_deducted: number;
  /** When the reward was claimed. */
  claimed_at: string;
  /** When the claim was fulfilled; null if it was not. */
  fulfilled_at: string | null;
  /** When the claim was cancelled; null if it was not. */
  cancelled_at: string | null;
}

/** The claim that was cancelled. */
export interface ClaimCancelledAnswer {
  /** The id of the claim. */
  claim_id: string;
  /** Your application's own id of the user. */
  participant_id: string;
  /** The reward's name. */
  reward_name: string;
  /** Always `cancelled`. */
  status: string;
  /** The points that were returned. */
  points_returned: number;
  /** Whether its code or its item of the inventory can be claimed again. */
  item_returned: boolean;
  /** The balance afterwards. */
  new_balance: number;
  /** When the claim was cancelled. */
  cancelled_at: string;
  /** Everything else that the request caused, such as badges and tiers; left out if there is nothing. */
  effects?: Effects;
}

/** A claim of a reward. */
export interface ClaimData {
  /** The id of the claim. */
  claim_id: string;
  /** The id of the reward. */
  reward_id: string;
  /** The reward's code. */
  reward_code: string;
  /** The reward's name. */
  reward_name: string;
  /** The reason; null for none. */
  reason?: string | null;
}

/** The claim that was fulfilled. */
export interface ClaimFulfilledAnswer {
  /** The id of the claim. */
  claim_id: string;
  /** Your application's own id of the user. */
  participant_id: string;
  /** The reward's name. */
  reward_name: string;
  /** Always `fulfilled`. */
  status: string;
  /** When the claim was fulfilled. */
  fulfilled_at: string;
}

/** A claim. With `points_deduction`, it costs the reward's `points_cost`; otherwise it is free. */
export interface ClaimRewardRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** Whether the claim costs the reward's `points_cost`. False claims it free. */
  points_deduction?: boolean | null;
  /** Makes retries safe: the same key never acts twice for the same participant and operation. */
  idempotency_key?: string | null;
}

/** A page of a participant's claims. */
export interface ClaimsAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The claims, the newest first. */
  rewards: ClaimAnswer[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** `now` is the time of the project's clock. `offset_ms` is its distance from real time: how far it is ahead. */
export interface ClockAnswer {
  /** The time of the project's clock. */
  now: string;
  /** How many milliseconds the clock is ahead of real time. */
  offset_ms: number;
  /** `live` or `test`. */
  mode: "live" | "test";
  /** Whether the clock can be moved: only in a test project. */
  can_be_moved: boolean;
}

/**
 * `is_settled`: everything that came due has happened. Otherwise it was too much for one call, and continues in the
 * background.
 */
export interface ClockMovedAnswer {
  /** The time of the project's clock. */
  now: string;
  /** How many milliseconds the clock is ahead of real time. */
  offset_ms: number;
  /** `live` or `test`. */
  mode: "live" | "test";
  /** Whether the clock can be moved: only in a test project. */
  can_be_moved: boolean;
  /** Whether everything that became due has happened. False: the rest continues in the background. */
  is_settled: boolean;
}

/** The number of a reward's codes. */
export interface CodesAnswer {
  /** The id of the reward. */
  reward_id: string;
  /** The number of codes ever uploaded. */
  total: number;
  /** The number of codes that can still be claimed. */
  available: number;
  /** The number of codes that were claimed. */
  claimed: number;
  /** The number of codes that were revoked. */
  revoked: number;
}

/**
 * A condition that was evaluated, and the values that it read, by name. `objective` is the code of a challenge's
 * objective. Missing values are left out; long values are shortened to a text.
 */
export interface ConditionShown {
  /** The code of the challenge's objective; null for rules and badges. */
  objective: string | null;
  /** The expression. */
  expression: string;
  /** The values that it read, by their names. */
  values: Record<string, unknown>;
}

/**
 * `version` is the version of the definition at that time. `conditions` are the conditions that were evaluated: the
 * condition of a rule, the criteria of a badge, or the conditions of a challenge's objectives.
 */
export interface ConsideredShown {
  /** The definition's code. */
  code: string;
  /** The definition's name. */
  name: string;
  /** The version of the project's definitions that began this state of the definition. */
  version: number;
  /** The outcome, for programs. */
  outcome:
    | "acted"
    | "advanced"
    | "condition_false"
    | "cut"
    | "earned"
    | "failed"
    | "group_taken"
    | "inactive"
    | "limited"
    | "not_advanced"
    | "out_of_time"
    | "postponed";
  /** The outcome in words. */
  reason: string;
  /** The conditions that were evaluated. */
  conditions: ConditionShown[];
  /** The day, week or month in which the limit was reached; left out for other outcomes. */
  limited_in?: LimitedIn;
}

/** An action that records the period of the event in a streak. It changes nothing if the period is already recorded. */
export interface ContinueStreak {
  type: "record_streak";
  /** The streak's code. */
  streak_code: string;
}

/** The key to create. */
export interface CreateKeyRequest {
  /** The permissions of the key: each scope includes those before it. */
  scope?: "admin" | "gamify" | "gamify:admin" | "gamify:read" | "gamify:support" | "operator" | null;
  /** A name by which you recognise the key later. */
  name?: string | null;
  /** Requests per second; null for the server's default, 0 for no limit. */
  rate_limit?: number | null;
}

/** The project to create. */
export interface CreateProjectRequest {
  /** A short name, unique among the projects of the server. */
  code: string;
  /** The project's name; null for the code. */
  name?: string | null;
  /** A `test` project has a clock that can be moved. It cannot be changed. */
  mode?: "live" | "test" | null;
  /** IANA name of the time zone in which the project's days and weeks begin. */
  time_zone?: string | null;
  /** The day on which weeks begin. */
  first_day_of_week?: "friday" | "monday" | "saturday" | "sunday" | "thursday" | "tuesday" | "wednesday" | null;
  /** Requests per second; null for the server's default, 0 for no limit. */
  rate_limit?: number | null;
  /** Refuse unknown fields and parameters. By default, test projects refuse them, live ones do not. */
  strict_fields?: boolean | null;
}

/** The tier of a participant. */
export interface CurrentTier {
  /** The tier's code. */
  code: string;
  /** The tier's name. */
  name: string;
  /** The tier's level; higher is better. */
  level: number;
  /** The tier's colour; null if it has none. */
  color: string | null;
  /** When the participant reached it. */
  achieved_at: string;
}

/** A definition that was changed. */
export interface DefinitionChangedData {
  /** The kind of change. */
  action: "changed" | "created" | "deleted" | "restored";
  /** The kind of definition, such as `badge`. */
  kind: string;
  /** The definition's code. */
  code: string;
  /** The definition's id. */
  definition_id: string;
  /** The version of the project's definitions since the change. */
  version: number;
}

/** A definition was created, changed, deleted or restored. */
export interface DefinitionChangedEvent {
  type: "definition.changed";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: DefinitionChangedData;
}

/**
 * The counts of one definition. `fired`: a rule acted, a challenge was completed, a badge earned, a tier reached or
 * assigned, a streak's period recorded, a reward claimed; `limited`: a cap reduced an award. The points were awarded or
 * deducted because of the definition.
 */
export interface DefinitionTally {
  /**
   * How often it took effect: a rule acted, a challenge was completed, a badge earned, a tier reached, a streak's
   * period recorded, a reward claimed.
   */
  fired?: number;
  /** How often a limit or a group held a rule back, or an earning cap reduced an award. */
  limited?: number;
  /** How often a condition or an action failed, or actions were cut off. */
  failed?: number;
  /** Points that it awarded. */
  points_awarded?: number;
  /** Points that it deducted. */
  points_deducted?: number;
}

/** A page of the deliveries of a webhook. */
export interface DeliveriesAnswer {
  /** The deliveries, the latest first. */
  items: Delivery[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/**
 * An event for one webhook. `waiting`: a further attempt follows while the webhook is switched on. `failed`: no further
 * attempt follows.
 */
export interface Delivery {
  /** The number of the delivery among those of the webhook: 1, 2, 3 …, without gaps. */
  delivery_number: number;
  /** The id of the event, which is the header `webhook-id` of all its attempts. */
  event_id: string;
  /** The type of the event. */
  type: string;
  /** `waiting`, `delivered` or `failed`. */
  state: "delivered" | "failed" | "waiting";
  /** When the delivery was created. */
  created_at: string;
  /**
   * When the next attempt is due; null while one is in progress, while an earlier event of the participant waits, while
   * the webhook is switched off, and after the last one.
   */
  next_attempt_at: string | null;
  /** The attempts, in order. */
  attempts: Attempt[];
}

/** The definition behind a fact. */
export interface DueTo {
  /** The kind of definition, such as `rule`. */
  kind: string;
  /** The definition's code. */
  code: string;
}

/** The codes that were not added: duplicates in the request, and existing codes. `examples` has the first 100. */
export interface DuplicateCodes {
  /** The number of codes that the request repeats. */
  in_request: number;
  /** The number of codes that the reward already had. */
  existing: number;
  /** Some of these codes. */
  examples: string[];
}

/**
 * How many points a participant is awarded at most in each day, week or month: by all awards together or, with a
 * `rule_code`, by that rule.
 */
export interface EarningCapDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean | null;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number | null;
  /** The cap's name, for your team. */
  name: string;
  /** A text for your team; null for none. */
  description?: string | null;
  /** The period in which points are counted, in the participant's calendar. */
  period: "day" | "month" | "week";
  /** How many points a participant can be awarded in one period. */
  points: number;
  /** The code of the rule whose awards count; null for all awards. */
  rule_code?: string | null;
}

/**
 * How many points a participant is awarded at most in each day, week or month: by all awards together or, with a
 * `rule_code`, by that rule.
 */
export interface EarningCapDefinitionAnswer {
  /** The definition's id, which never changes. */
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order: number;
  /** The cap's name, for your team. */
  name: string;
  /** A text for your team; null for none. */
  description: string | null;
  /** The period in which points are counted, in the participant's calendar. */
  period: "day" | "month" | "week";
  /** How many points a participant can be awarded in one period. */
  points: number;
  /** The code of the rule whose awards count; null for all awards. */
  rule_code: string | null;
  /** When it was created. */
  created_at: string;
  /** When it was last changed. */
  updated_at: string;
  /** When it was deleted; null if it is not. */
  deleted_at: string | null;
}

/** A page of the project's definitions of one kind. */
export interface EarningCapDefinitionList {
  /** The rows of this page, in their order. */
  items: EarningCapDefinitionAnswer[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** The fields to change; all others stay as they are. */
export interface EarningCapDefinitionPatch {
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number;
  /** The cap's name, for your team. */
  name?: string;
  /** A text for your team; null for none. */
  description?: string | null;
  /** How many points a participant can be awarded in one period. */
  points?: number;
}

/** All effects of a command beyond its own fact, in the order in which they happened. */
export interface Effects {
  /** The points awarded and deducted. */
  points: PointsEffect[];
  /** The highest tier reached; null for none. */
  tier_upgrade: TierUpgrade | null;
  /** The streaks recorded. */
  streaks: StreakEffect[];
  /** The challenges that advanced. */
  challenges: ChallengeEffect[];
  /** The badges earned. */
  badges: BadgeEffect[];
  /** The rewards granted. */
  rewards: RewardEffect[];
}

/** `anonymized_id` is the random id that now owns the remaining facts; null after a deletion. */
export interface ErasedAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** Whether the participant was anonymized. */
  anonymized: boolean;
  /** Whether the participant was deleted. */
  deleted: boolean;
  /** The random id that the remaining facts belong to; null after a deletion. */
  anonymized_id: string | null;
}

/**
 * The body of every error response. `detail` is for people. `code` is for programs and never changes its meaning;
 * docs/errors.md lists the codes. Only 422 has `errors`. Only 403 has `sufficient_scopes`: the key needs one of these
 * scopes.
 */
export interface ErrorBody {
  /** A sentence for people. */
  detail: string;
  /** The kind of error, for programs. It never changes its meaning. */
  code: string;
  /** With 422: the problems of the fields; empty otherwise. */
  errors?: FieldError[];
  /** With 403: the scopes of a key, any of which suffices; empty otherwise. */
  sufficient_scopes?: string[];
}

/** The results of a batch of events. */
export interface EventBatchAnswer {
  /** The number of events that were recorded. */
  processed: number;
  /** The number of events with an error. */
  failed: number;
  /** One result for each event, in their order. */
  results: EventBatchResult[];
}

/** 1 to 100 events; each is processed independently. */
export interface EventBatchRequest {
  /** The events. Each is judged by itself. */
  events: EventRequest[];
}

/**
 * The result for one item: the response for a single event, or an error as a sentence, and its code.
 * `idempotency_differs` names the fields that were different in the first request with this key.
 */
export interface EventBatchResult {
  /** Your application's own id of the user. */
  participant_id: string | null;
  /** The id of the event; null if it failed. */
  event_id?: string | null;
  /** The same id, as the id of the fact in the journal; null if it failed. */
  fact_id?: string | null;
  /** `processed`; null if the event failed. */
  status?: string | null;
  /** Everything that the event caused. */
  effects?: Effects | null;
  /** A sentence that explains why this item failed; null if it succeeded. */
  error?: string | null;
  /** The code of that error, for programs; null if the item succeeded. */
  error_code?: string | null;
  /**
   * The fields whose values differ from those of the first request with this idempotency key; left out if there are
   * none.
   */
  idempotency_differs?: string[];
}

/** The recorded event and everything that it caused. */
export interface EventRecordedAnswer {
  /** The id of the event. */
  event_id: string;
  /** The same id, as the id of the fact in the journal. */
  fact_id: string;
  /** Always `processed`. */
  status: string;
  /** Everything that the event caused. */
  effects: Effects;
}

/** An event to record. */
export interface EventRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** The name of the event, which you choose: 1 to 100 characters. */
  event_name: string;
  /** Data for rules, challenges and leaderboards: at most 65,536 bytes of JSON. */
  properties?: Record<string, unknown> | null;
  /** The time when it happened, by RFC 3339. A time without an offset is in UTC. */
  timestamp?: Moment | null;
  /** Makes retries safe: the same key never acts twice for the same participant and operation. */
  idempotency_key?: string | null;
}

/** A recorded event. */
export interface EventShown {
  /** The id of the event. */
  id: string;
  /** The name of the event. */
  event_name: string;
  /** The properties as they were sent; empty if they are no longer kept. */
  properties: Record<string, unknown>;
  /** When it occurred: the given `timestamp`, or the time of the call. */
  occurred_at: string;
}

/** A page of events. `total` counts all events that match the filters. */
export interface EventsAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The events, the latest first. */
  events: EventShown[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** The points that expire in a month. */
export interface ExpiringMonth {
  /** The month in which the points expire, such as 2026-12; null for points that never expire and points held. */
  month: string | null;
  /** The number of points. */
  points: number;
}

/** The points that expire next, and when. */
export interface ExpiringPoints {
  /** The number of points that expire then. */
  points: number;
  /** The time when they expire. */
  expires_at: string;
}

/**
 * `facts` are all facts that were recorded together, beginning with their first cause. `rules`, `challenges` and
 * `badges` are the definitions that were considered, in the version `definitions_version`, which was live then. `note`
 * names the parts of the explanation that are no longer available.
 */
export interface ExplainAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The id of the event or other fact. */
  event_id: string;
  /** When the server received it. */
  recorded_at: string;
  /** The version of the project's definitions that applied. */
  definitions_version: number;
  /** The facts that happened together, in their order. */
  facts: FactShown[];
  /** The rules for this event, in the order in which they were considered. */
  rules: ConsideredShown[];
  /** The challenges with an objective for this event, and the challenges that actions advanced. */
  challenges: ConsideredShown[];
  /** The badges that were earned by their criteria, and the badges whose criteria failed. */
  badges: ConsideredShown[];
  /** Information that is no longer available or not exact; null if there is none. */
  note?: string | null;
}

/**
 * `stored` has a list for each kind of row. Rows are as they are in the database, with the code of their definition
 * added. `facts` are all facts of the participant, in their order.
 */
export interface ExportAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The time of the export. */
  exported_at: string;
  /** The stored rows, by the name of their table. */
  stored: Record<string, Record<string, unknown>[]>;
}

/** `cause_id` is the fact that caused this one, `due_to` the rule or challenge through which it did. */
export interface FactShown {
  /** The id of the fact. */
  fact_id: string;
  /** The kind of fact, such as `points_awarded`. */
  kind: string;
  /** The id of the fact that caused it; null for the first. */
  cause_id: string | null;
  /** The rule or challenge in between; null if there is none. */
  due_to: DueTo | null;
  /** When it occurred. */
  occurred_at: string;
  /** The content of the fact, which depends on its kind. */
  data: Record<string, unknown>;
}

/** A part of the feed. */
export interface FeedAnswer {
  /** The events, in order. */
  events:
    | (ParticipantAnonymisedEvent
    | ParticipantDeletedEvent
    | DefinitionChangedEvent
    | PointsExpiringEvent
    | PointsAwardedEvent
    | PointsDeductedEvent
    | PointsExpiredEvent
    | PointsAwardReversedEvent
    | PointsDeductionReversedEvent
    | HoldCreatedEvent
    | HoldCapturedEvent
    | HoldReleasedEvent
    | HoldExpiredEvent
    | MultiplierEndedEvent
    | TierChangedEvent
    | ChallengeJoinedEvent
    | ChallengeMilestoneReachedEvent
    | ChallengeCompletedEvent
    | ChallengeLeftEvent
    | BadgeEarnedEvent
    | BadgeRevokedEvent
    | StreakExtendedEvent
    | StreakAtRiskEvent
    | StreakLostEvent
    | StreakRecoveredEvent
    | LeaderboardClosedEvent
    | LeaderboardPlacedEvent
    | RewardClaimedEvent
    | RewardFulfilledEvent
    | RewardCancelledEvent
    | ParticipantCreatedEvent
    | ParticipantUpdatedEvent
    | WebhookDisabledEvent
    | WebhookTestedEvent)[];
  /** The value of `after` for the next request. Store it. */
  cursor: string;
  /** Whether to read on at once. `events` may be empty then. */
  has_more: boolean;
}

/** The cause of a feed event. A field that is null is left out. */
export interface FeedCause {
  /** The same for all events of one request; null for events about time and about definitions. */
  command_id?: string | null;
  /** The id of the fact that led to this event, such as a recorded event; null if the request itself did. */
  fact_id?: string | null;
  /** `rule` or `challenge`, if the actions of one led to this event; null for other causes. */
  definition_kind?: string | null;
  /** The code of that rule or challenge; null for other causes. */
  definition_code?: string | null;
}

/** A problem of one field of the request. `field` is a path such as `awards[3].amount`. */
export interface FieldError {
  /** The field or parameter, such as `awards[2].amount`; empty for the whole body. */
  field: string;
  /** The problem. It continues the name of the field: `must be at least 1`. */
  message: string;
}

/** The claim to mark as done. */
export interface FulfilClaimRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** The id of the claim. */
  claim_id: string;
  /** Shown in the transaction history. */
  reason?: string | null;
}

/**
 * The numbers of participants in a challenge, from joining to completion. Progress is that of the newest run; a
 * participant who has completed the challenge before counts as complete.
 */
export interface FunnelAnswer {
  /** The challenge's code. */
  code: string;
  /** Participants who have ever joined. */
  joined: number;
  /** Of these, participants with progress. */
  begun: number;
  /** Participants with a mean progress of at least 25 %. */
  quarter: number;
  /** Participants with a mean progress of at least 50 %. */
  half: number;
  /** Participants with a mean progress of at least 75 %. */
  three_quarters: number;
  /** Participants who have completed the challenge at least once. */
  completed: number;
  /** All completions, repeated ones included. */
  completions: number;
  /** Participants in a run that has not ended. */
  active: number;
  /** Participants who have left the challenge. */
  left: number;
}

/** An action that awards a badge. It changes nothing if the badge is already earned or is not active. */
export interface GiveBadge {
  type: "award_badge";
  /** The badge's code. */
  badge_code: string;
}

/** An action that awards points. */
export interface GivePoints {
  type: "award_points";
  /** The number of points, or an expression that computes it. */
  amount: number | string;
  /** Shown in the transaction history; null for the name of the rule or challenge. */
  reason?: string | null;
  /**
   * The points expire at the end of the day this many days after the event, in the participant's time zone; null for
   * never.
   */
  expires_in_days?: number | null;
}

/** Grants a free claim, within the reward's own limits. */
export interface GrantReward {
  type: "grant_reward";
  /** The reward's code. */
  reward_code: string;
}

/** A page of a participant's history. */
export interface HistoryAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The facts, the latest first, by the time when they happened. */
  facts: HistoryFact[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** Something that happened to the participant. `at` and `recorded_at` differ if it was reported later. */
export interface HistoryFact {
  /** The id of the fact; for movements of points, also that of the transaction. */
  fact_id: string;
  /** The kind of fact, such as `points_awarded`. */
  kind: string;
  /** When it happened: the given `timestamp`, or the time of the call. */
  at: string;
  /** When the server received it. */
  recorded_at: string;
  /** The number of the fact among the participant's facts, in the order in which they took effect. */
  sequence: number;
  /** The id of the fact that caused it; null for the first. */
  cause_id: string | null;
  /** The rule or challenge in between; null if there is none. */
  due_to: NamedDefinition | null;
  /** The badge, tier, streak, challenge or reward of the fact; null for other facts. */
  definition: NamedDefinition | null;
  /**
   * The name of the key that sent the command, if an administrator or a person in the console did; null for calls of an
   * application.
   */
  actor: string | null;
  /** The content of the fact, which depends on its kind. */
  data: Record<string, unknown>;
}

/** An open hold. */
export interface HoldAnswer {
  /** The id of the hold. */
  hold_id: string;
  /** The points that it sets aside. */
  amount: number;
  /** The reason that was given; null for none. */
  reason: string | null;
  /** The time when the hold began. */
  held_at: string;
  /** The time when the hold releases its points by itself. */
  expires_at: string;
}

/** The points that were spent from a hold. */
export interface HoldCapturedAnswer {
  /** The id of the transaction. */
  transaction_id: string;
  /** The id of the hold. */
  hold_id: string;
  /** Your application's own id of the user. */
  participant_id: string;
  /** The points that were spent. */
  amount: number;
  /** The points of the hold that returned to the balance. */
  released_amount: number;
  /** The balance afterwards. */
  new_balance: number;
  /** Everything else that the request caused, such as badges and tiers; left out if there is nothing. */
  effects?: Effects;
}

/** Points of a hold were spent. */
export interface HoldCapturedEvent {
  type: "hold.captured";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: HoldData;
}

/** Points were set aside. */
export interface HoldCreatedEvent {
  type: "hold.created";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: HoldData;
}

/** A hold that changed. `amount` are the points of this change. */
export interface HoldData {
  /** The points. */
  amount: number;
  /** The balance afterwards. */
  balance_after: number;
  /** The reason shown in the transaction history; null for none. */
  reason?: string | null;
  /** Your own data, as sent with the request; null for none. */
  metadata?: Record<string, unknown> | null;
  /** The id of the hold. */
  hold_id: string;
  /** When the hold expires; null once it is closed. */
  expires_at?: string | null;
}

/** A hold expired. Its points are part of the balance again. */
export interface HoldExpiredEvent {
  type: "hold.expired";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: HoldData;
}

/** The points that returned to the balance. */
export interface HoldReleasedAnswer {
  /** The id of the hold. */
  hold_id: string;
  /** Your application's own id of the user. */
  participant_id: string;
  /** The points that returned to the balance. */
  amount: number;
  /** The balance afterwards. */
  new_balance: number;
  /** Everything else that the request caused, such as badges and tiers; left out if there is nothing. */
  effects?: Effects;
}

/** A request gave points of a hold back to the balance. */
export interface HoldReleasedEvent {
  type: "hold.released";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: HoldData;
}

/** Points to hold, until `expires_at` or for `expires_in_minutes`, by default for an hour. */
export interface HoldRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** Shown in the transaction history. */
  reason?: string | null;
  /** Your own data, stored with the fact: at most 65,536 bytes of JSON. */
  metadata?: Record<string, unknown> | null;
  /** Makes retries safe: the same key never acts twice for the same participant and operation. */
  idempotency_key?: string | null;
  /** Points, a whole number. */
  amount: number;
  /** The time when the hold releases its points by itself; null for `expires_in_minutes`. */
  expires_at?: Moment | null;
  /**
   * The number of minutes after which the hold releases its points by itself; null stands for 60. Not together with
   * `expires_at`.
   */
  expires_in_minutes?: number | null;
}

/** The open holds of a participant. */
export interface HoldsAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The sum of the points held. */
  held: number;
  /** The holds, the first to expire first. */
  holds: HoldAnswer[];
}

/**
 * The window of a leaderboard whose result was stored. Participants are not named: each of the first 100 has an event
 * `leaderboard.placed`.
 */
export interface LeaderboardClosedData {
  /** The leaderboard's code. */
  leaderboard_code: string;
  /** The leaderboard's name. */
  leaderboard_name: string;
  /** The time window, or the code of the season. */
  period: string;
  /** The period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; null for seasons. */
  period_key?: string | null;
  /** The number of participants with a score in the window. */
  total_participants: number;
}

/** The result of a leaderboard's window was stored, 24 hours after the window ended. */
export interface LeaderboardClosedEvent {
  type: "leaderboard.closed";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: LeaderboardClosedData;
}

/** A board. It keeps scores in time windows and seasons; `time_window` is the window that it shows by default. */
export interface LeaderboardDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean | null;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number | null;
  /** The name that participants see. */
  name: string;
  /** The text that participants see; null for none. */
  description?: string | null;
  /**
   * The source of scores: points earned, the change of the balance, the number of events, or the sum, the greatest, the
   * least or the latest value of an event's property.
   */
  metric?:
    | "event_count"
    | "event_last"
    | "event_max"
    | "event_min"
    | "event_sum"
    | "points_balance"
    | "points_earned"
    | null;
  /** The name of the events that count; null for all events. Only for metrics of events. */
  event_name?: string | null;
  /**
   * The name of the event's property, for `event_sum`, `event_max`, `event_min` and `event_last`; null for other
   * metrics.
   */
  property?: string | null;
  /** Whether the greater score is better (`desc`) or the smaller one (`asc`), as for lap times. */
  order?: "asc" | "desc" | null;
  /** A CEL expression over `event` or `points`; only facts for which it is true count. Null for all facts. */
  condition?: string | null;
  /**
   * The numbers that decide between equal scores, in order. After them comes the time at which the score was reached.
   */
  tie_breakers?: TieBreaker[] | null;
  /**
   * The window that the board shows by default; one of `windows`. It is required if `windows` do not have `all_time`.
   */
  time_window?: "all_time" | "daily" | "monthly" | "weekly" | "yearly" | null;
  /** The time windows in which the board keeps scores. */
  windows?: ("all_time" | "daily" | "monthly" | "weekly" | "yearly")[] | null;
  /** Further windows with names and dates. */
  seasons?: NamedSeason[] | null;
}

/** A board. It keeps scores in time windows and seasons; `time_window` is the window that it shows by default. */
export interface LeaderboardDefinitionAnswer {
  /** The definition's id, which never changes. */
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order: number;
  /** The name that participants see. */
  name: string;
  /** The text that participants see; null for none. */
  description: string | null;
  /**
   * The source of scores: points earned, the change of the balance, the number of events, or the sum, the greatest, the
   * least or the latest value of an event's property.
   */
  metric: "event_count" | "event_last" | "event_max" | "event_min" | "event_sum" | "points_balance" | "points_earned";
  /** The name of the events that count; null for all events. Only for metrics of events. */
  event_name: string | null;
  /**
   * The name of the event's property, for `event_sum`, `event_max`, `event_min` and `event_last`; null for other
   * metrics.
   */
  property: string | null;
  /** Whether the greater score is better (`desc`) or the smaller one (`asc`), as for lap times. */
  order: "asc" | "desc";
  /** A CEL expression over `event` or `points`; only facts for which it is true count. Null for all facts. */
  condition: string | null;
  /**
   * The numbers that decide between equal scores, in order. After them comes the time at which the score was reached.
   */
  tie_breakers: TieBreaker[];
  /**
   * The window that the board shows by default; one of `windows`. It is required if `windows` do not have `all_time`.
   */
  time_window: "all_time" | "daily" | "monthly" | "weekly" | "yearly";
  /** The time windows in which the board keeps scores. */
  windows: ("all_time" | "daily" | "monthly" | "weekly" | "yearly")[];
  /** Further windows with names and dates. */
  seasons: NamedSeason[];
  /** Whether the board is filled: `waiting`, `filling`, `ready`, or `retired` once it is deleted. */
  status: "filling" | "ready" | "retired" | "waiting";
  /** How much of the board is filled, 0 to 1. */
  progress: number;
  /** When it was created. */
  created_at: string;
  /** When it was last changed. */
  updated_at: string;
  /** When it was deleted; null if it is not. */
  deleted_at: string | null;
}

/** A page of the project's definitions of one kind. */
export interface LeaderboardDefinitionList {
  /** The rows of this page, in their order. */
  items: LeaderboardDefinitionAnswer[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** The fields to change; all others stay as they are. */
export interface LeaderboardDefinitionPatch {
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number;
  /** The name that participants see. */
  name?: string;
  /** The text that participants see; null for none. */
  description?: string | null;
  /**
   * The source of scores: points earned, the change of the balance, the number of events, or the sum, the greatest, the
   * least or the latest value of an event's property.
   */
  metric?: "event_count" | "event_last" | "event_max" | "event_min" | "event_sum" | "points_balance" | "points_earned";
  /** The name of the events that count; null for all events. Only for metrics of events. */
  event_name?: string | null;
  /**
   * The name of the event's property, for `event_sum`, `event_max`, `event_min` and `event_last`; null for other
   * metrics.
   */
  property?: string | null;
  /** Whether the greater score is better (`desc`) or the smaller one (`asc`), as for lap times. */
  order?: "asc" | "desc";
  /** A CEL expression over `event` or `points`; only facts for which it is true count. Null for all facts. */
  condition?: string | null;
  /**
   * The numbers that decide between equal scores, in order. After them comes the time at which the score was reached.
   */
  tie_breakers?: TieBreaker[];
  /**
   * The window that the board shows by default; one of `windows`. It is required if `windows` do not have `all_time`.
   */
  time_window?: "all_time" | "daily" | "monthly" | "weekly" | "yearly";
  /** The time windows in which the board keeps scores. */
  windows?: ("all_time" | "daily" | "monthly" | "weekly" | "yearly")[];
  /** Further windows with names and dates. */
  seasons?: NamedSeason[];
}

/** A participant's place in the result of a leaderboard. */
export interface LeaderboardPlacedData {
  /** The leaderboard's code. */
  leaderboard_code: string;
  /** The leaderboard's name. */
  leaderboard_name: string;
  /** The time window, or the code of the season. */
  period: string;
  /** The period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; null for seasons. */
  period_key?: string | null;
  /** The rank in the result; equal scores share a rank. */
  rank: number;
  /** The participant's score in the window. */
  score: number;
  /** The number of participants with a score in the window. */
  total_participants: number;
}

/** A participant is among the first 100 of a leaderboard's window whose result was stored. */
export interface LeaderboardPlacedEvent {
  type: "leaderboard.placed";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: LeaderboardPlacedData;
}

/** The points that a project owes. `outstanding` is `issued` − `spent` − `expired`: all balances and held points. */
export interface LiabilityAnswer {
  /** All points ever awarded, less reversed awards. */
  issued: number;
  /** All points ever spent, less reversed deductions. */
  spent: number;
  /** All points that have expired. */
  expired: number;
  /** Points set aside by open holds. */
  held: number;
  /** Balances and held points. */
  outstanding: number;
  /** The share of the issued points that expired, in percent with one decimal. */
  breakage_percent: number;
  /** The outstanding points by the month in which they expire, in the project's time zone. */
  by_expiry_month: ExpiringMonth[];
}

/** The window in which a limit was reached. The limit starts again at `ends_at`. */
export interface LimitedIn {
  /** The day, week or month, such as `2026-02-14`, `2026-W07` or `2026-02`. */
  period: string;
  /** The time zone whose days count: the participant's for limits of each participant, else the project's. */
  time_zone: string;
  /** When the window ends. */
  ends_at: string;
}

/** A streak that lapsed. */
export interface LostStreak {
  /** The streak's code. */
  code: string;
  /** The streak's name. */
  name: string;
  /** The period of the streak. */
  period: "daily" | "monthly" | "weekly";
  /** How many periods it had. */
  count: number;
  /** The first of its periods that is stored, such as `2026-02-14`, `2026-W07` or `2026-02`. */
  first_period: string;
  /** Its last period. */
  last_period: string;
  /** When it lapsed without a further record. */
  lost_at: string;
}

/** The lost streaks of a participant. */
export interface LostStreaksAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The streaks that lapsed, the latest first, at most the last 1,000. */
  lost: LostStreak[];
}

/** Actions on the way to completion, when `percent` of the challenge is reached. */
export interface MilestoneDefinition {
  /** The progress of the challenge, in percent, at which the milestone is reached. */
  percent: number;
  /** The actions that take effect, once per run. */
  actions?: (GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward)[];
}

/** A milestone of a challenge. */
export interface MilestoneReachedData {
  /** The challenge's code. */
  challenge_code: string;
  /** The challenge's name. */
  challenge_name: string;
  /** The address of the challenge's image; null for none. */
  icon_url?: string | null;
  /** The milestone, in percent of the whole challenge. */
  percent: number;
}

/** A milestone on the way to completing a challenge. */
export interface MilestoneStatus {
  /** The progress at which it is reached. */
  percent: number;
  /** Whether it is reached. */
  reached: boolean;
}

/** The new time, or the number of seconds to advance: one of the two. */
export interface MoveClockRequest {
  /** The time to move to; null with `advance_seconds`. Without an offset it is read as UTC. */
  now?: Moment | null;
  /** By how many seconds to move; null with `now`. */
  advance_seconds?: number | null;
}

/**
 * The effect of a reward of type `points_multiplier`: awards are multiplied by `multiplier`, for `duration_hours` after
 * the claim.
 */
export interface MultiplierConfig {
  /** By how much awards are multiplied: over 1, at most 100. */
  multiplier: number;
  /** How many hours the multiplier applies after the claim. */
  duration_hours: number;
}

/**
 * The effect of a reward of type `points_multiplier`: awards are multiplied by `multiplier`, for `duration_hours` after
 * the claim.
 */
export interface MultiplierConfigPatch {
  /** By how much awards are multiplied: over 1, at most 100. */
  multiplier?: number;
  /** How many hours the multiplier applies after the claim. */
  duration_hours?: number;
}

/** A multiplier of a reward that ended. */
export interface MultiplierData {
  /** The id of the claim that brought the multiplier. */
  claim_id: string;
}

/** The multiplier of a reward ended. */
export interface MultiplierEndedEvent {
  type: "multiplier.ended";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: MultiplierData;
}

/** A definition, by its current name. */
export interface NamedDefinition {
  /** The kind of definition, such as `badge`. */
  kind: string;
  /** The definition's code. */
  code: string;
  /** The definition's name. */
  name: string;
}

/** A window with a name, from the first local date to the last one, in the project's time zone. */
export interface NamedSeason {
  /** The name that requests use as `period`. It is unique on the board, and not the name of a time window. */
  code: string;
  /** The first day. */
  from: string;
  /** The last day. */
  to: string;
}

/** `key` is the key itself. It cannot be shown again. */
export interface NewApiKey {
  /** The id of the key. */
  id: string;
  /** The name of the key. */
  name: string;
  /** The permissions of the key: each scope includes those before it. */
  scope: "admin" | "gamify" | "gamify:admin" | "gamify:read" | "gamify:support" | "operator";
  /** The first characters of the key. */
  hint: string;
  /** Requests per second; null for the server's default, 0 for no limit. */
  rate_limit: number | null;
  /** When the key was created. */
  created_at: string;
  /** When the key expires; null for never. */
  expires_at: string | null;
  /** When the key was revoked; null if it was not. */
  revoked_at: string | null;
  /** The time of its last request, to the minute or so; null if none is known. */
  last_used_at: string | null;
  /** The key itself, for the header `X-API-Key`. It is not shown again. */
  key: string;
}

/** `admin_key` is the project's first key, with the scope admin. */
export interface NewProject {
  /** The project's code. */
  code: string;
  /** The project's name. */
  name: string;
  /** `live` or `test`. */
  mode: "live" | "test";
  /** IANA name of the time zone in which days begin, for participants without their own. */
  time_zone: string;
  /** The day on which weeks begin. */
  first_day_of_week: "friday" | "monday" | "saturday" | "sunday" | "thursday" | "tuesday" | "wednesday";
  /** Requests per second of all keys together; null or 0 for no limit. */
  rate_limit: number | null;
  /** For how many days the content of events is kept; null for permanently. */
  event_retention_days: number | null;
  /** Whether unknown fields and parameters are refused. */
  strict_fields: boolean;
  /** When the project was created. */
  created_at: string;
  /** When the project was archived; null if it is not. */
  archived_at: string | null;
  /** The project's first key, with the scope `admin`. */
  admin_key: NewApiKey;
}

/** The lowest automatic tier above the current one that points can still reach. */
export interface NextTier {
  /** The tier's code. */
  code: string;
  /** The tier's name. */
  name: string;
  /** The tier's threshold. */
  points_required: number;
  /** The points that are missing. */
  points_remaining: number;
}

/** An objective: a number of events, a sum over a property, or a number of distinct values of a property. */
export interface ObjectiveDefinition {
  /** A short name, unique in the challenge. */
  code: string;
  /** The name that participants see; null for the code. */
  name?: string | null;
  /** The name of the event, which you choose: 1 to 100 characters. */
  event_name: string;
  /** A CEL expression over event, participant and now. */
  condition?: string | null;
  /**
   * `count`: the number of events. `sum`: the sum of `property`. `distinct`: the number of different values of
   * `property`.
   */
  measure?: "count" | "distinct" | "sum";
  /** The name of the event's property for `sum` and `distinct`; null for `count`. */
  property?: string | null;
  /** The number to reach: a whole number; for `sum` also a decimal; at most 1,000 for `distinct`. */
  target: number;
  /** Codes of earlier objectives. This objective counts only when they are complete. */
  requires?: string[];
}

/** A target of a challenge. */
export interface ObjectiveShown {
  /** The objective's code, unique in the challenge. */
  code: string;
  /** The objective's name. */
  name: string;
  /** The name of the events that count. */
  event_name: string;
  /**
   * `count`: the number of events. `sum`: the sum of a property. `distinct`: the number of different values of a
   * property.
   */
  measure: "count" | "distinct" | "sum";
  /** The number to reach. */
  target: number;
}

/** The state of an objective. `progress` and `target` are in its unit: events, a sum, or distinct values. */
export interface ObjectiveSummary {
  /** The objective's code, unique in the challenge. */
  code: string;
  /** The objective's name. */
  name: string;
  /** The number counted so far, at most the target. */
  progress: number;
  /** The number to reach. */
  target: number;
  /** Whether the target is reached. */
  is_complete: boolean;
}

/** The challenges that are open to participants. */
export interface OpenChallengesAnswer {
  /** The challenges, in display order. */
  challenges: ChallengeShown[];
  /** The number of rows on all pages. */
  total: number;
}

/** A person was anonymised: earlier events no longer name the person. */
export interface ParticipantAnonymisedEvent {
  type: "participant.anonymised";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: ParticipantErasedData;
}

/** A new participant. */
export interface ParticipantCreatedData {
  /** Whether a request registered the participant. Otherwise the first event or award created the participant. */
  is_registered?: boolean;
}

/** A participant is new: registered, or created by a first event or award. */
export interface ParticipantCreatedEvent {
  type: "participant.created";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: ParticipantCreatedData;
}

/** A person was deleted: earlier events no longer name the person. */
export interface ParticipantDeletedEvent {
  type: "participant.deleted";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: ParticipantErasedData;
}

/**
 * A person who was erased. The event's `participant_id` is the erased id, so that the receiver can erase the person as
 * well. No other event names it.
 */
export interface ParticipantErasedData {
  /** The time of the erasure. */
  erased_at: string;
}

/** `total_points` are all points ever earned, `available_points` is the balance. */
export interface ParticipantListed {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The name from the profile; null for none. */
  display_name: string | null;
  /** The address of an image from the profile; null for none. */
  avatar_url: string | null;
  /** All points ever awarded, less reversed awards. */
  total_points: number;
  /** Points that can be spent now. */
  available_points: number;
  /** The code of the tier; null for none. */
  current_tier: string | null;
  /** The number of events. */
  total_events: number;
  /** False once the participant has been anonymized. */
  is_active: boolean;
  /** When the participant was created. */
  created_at: string;
  /** The last call that reported an action of the participant. */
  last_seen_at: string;
}

/** The ranks of a participant in all windows and seasons of a board. */
export interface ParticipantRanksAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The leaderboard's code. */
  leaderboard_code: string;
  /** One for each time window that the board keeps, in its current period, then one for each season. */
  ranks: WindowRank[];
  /** How much of the board is filled, 0 to 1; left out once it is filled. */
  progress?: number;
}

/** The profile that was changed. */
export interface ParticipantUpdatedData {
  /** The names of the changed fields. */
  fields: string[];
}

/** The profile of a participant was changed. */
export interface ParticipantUpdatedEvent {
  type: "participant.updated";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: ParticipantUpdatedData;
}

/** A page of the project's participants. */
export interface ParticipantsAnswer {
  /** The participants. */
  items: ParticipantListed[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** The participant to join or leave the challenge. */
export interface ParticipationRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
}

/** The points of a participant. */
export interface PointsAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** Points that can be spent now: `total_earned` − `total_spent` − `total_expired` − `held`. */
  balance: number;
  /** All points ever awarded, less reversed awards. */
  total_earned: number;
  /** All points ever spent, less reversed deductions. */
  total_spent: number;
  /** All points that have expired. */
  total_expired: number;
  /** Points set aside by open holds. */
  held: number;
  /** The points that expire next; null if none expire. */
  next_expiry: ExpiringPoints | null;
}

/** All or a part of an award was reversed. */
export interface PointsAwardReversedEvent {
  type: "points.award_reversed";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: PointsReversedData;
}

/**
 * The award. `amount` is the credited amount. If it differs from the requested amount, `base_amount` is the requested
 * one, and `multiplier` and `capped_by` show the reasons. If the participant's points already have too many different
 * expiry times, the points expire at the end of the requested day, at `expires_at`, and `requested_expires_at` is the
 * requested time.
 */
export interface PointsAwardedAnswer {
  /** The id of the transaction. */
  transaction_id: string;
  /** Your application's own id of the user. */
  participant_id: string;
  /** The points that were credited. */
  amount: number;
  /** The requested amount, if another amount was credited. */
  base_amount?: number;
  /** The multiplier that applied, if there was one. */
  multiplier?: number;
  /** The codes of the earning caps that reduced the award, if there were any. */
  capped_by?: string[];
  /** The balance afterwards. */
  new_balance: number;
  /** The expiry of the points; left out if they never expire. */
  expires_at?: string;
  /** The requested expiry, if the points expire at another time. */
  requested_expires_at?: string;
  /** The tier that the award reached; null for none. */
  tier_upgrade: TierUpgrade | null;
  /** Everything else that the request caused, such as badges and tiers; left out if there is nothing. */
  effects?: Effects;
}

/** Points that were awarded. */
export interface PointsAwardedData {
  /** The points. */
  amount: number;
  /** The balance afterwards. */
  balance_after: number;
  /** The reason shown in the transaction history; null for none. */
  reason?: string | null;
  /** Your own data, as sent with the request; null for none. */
  metadata?: Record<string, unknown> | null;
  /** When the points expire; null for never. */
  expires_at?: string | null;
  /** The points asked for, if multipliers or earning caps changed the amount; null otherwise. */
  base_amount?: number | null;
  /** The factor of multipliers; null for none. */
  multiplier?: number | null;
}

/** Points were awarded. */
export interface PointsAwardedEvent {
  type: "points.awarded";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: PointsAwardedData;
}

/** The points that were deducted. */
export interface PointsDeductedAnswer {
  /** The id of the transaction. */
  transaction_id: string;
  /** Your application's own id of the user. */
  participant_id: string;
  /** The points that were deducted. */
  amount: number;
  /** The balance afterwards. */
  new_balance: number;
  /** Everything else that the request caused, such as badges and tiers; left out if there is nothing. */
  effects?: Effects;
}

/** Points were deducted. */
export interface PointsDeductedEvent {
  type: "points.deducted";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: PointsMovedData;
}

/** Deducted points were given back. */
export interface PointsDeductionReversedEvent {
  type: "points.deduction_reversed";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: PointsReversedData;
}

/**
 * Points that were awarded or deducted. `expires_at` is present if the points expire at another time than requested.
 */
export interface PointsEffect {
  /** The id of the transaction. */
  transaction_id: string;
  /** The points; negative for points taken. */
  amount: number;
  /** The balance afterwards. */
  new_balance: number;
  /** The reason shown in the transaction history; null for none. */
  reason: string | null;
  /** The code of the rule or challenge behind it; null for other causes. */
  due_to: string | null;
  /** The expiry of the points; present only with `requested_expires_at`. */
  expires_at?: string;
  /** The requested expiry, if the points expire at another time. */
  requested_expires_at?: string;
}

/** Points expired. */
export interface PointsExpiredEvent {
  type: "points.expired";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: PointsMovedData;
}

/** Points that expire soon. */
export interface PointsExpiringData {
  /** The points that expire. */
  amount: number;
  /** When they expire. */
  expires_at: string;
  /** The present balance. */
  balance: number;
}

/** Points expire in some days: LAURELS_POINTS_EXPIRING_DAYS. */
export interface PointsExpiringEvent {
  type: "points.expiring";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: PointsExpiringData;
}

/** The points that were set aside. */
export interface PointsHeldAnswer {
  /** The id of the hold. */
  hold_id: string;
  /** Your application's own id of the user. */
  participant_id: string;
  /** The points that were set aside. */
  amount: number;
  /** The balance afterwards. */
  new_balance: number;
  /** The time when the hold releases the points by itself. */
  expires_at: string;
  /** Everything else that the request caused, such as badges and tiers; left out if there is nothing. */
  effects?: Effects;
}

/** Points that were moved. */
export interface PointsMovedData {
  /** The points. */
  amount: number;
  /** The balance afterwards. */
  balance_after: number;
  /** The reason shown in the transaction history; null for none. */
  reason?: string | null;
  /** Your own data, as sent with the request; null for none. */
  metadata?: Record<string, unknown> | null;
}

/** Points to deduct from a participant. */
export interface PointsRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** Points, a whole number. */
  amount: number;
  /** Shown in the transaction history. */
  reason?: string | null;
  /** Your own data, stored with the fact: at most 65,536 bytes of JSON. */
  metadata?: Record<string, unknown> | null;
  /** Makes retries safe: the same key never acts twice for the same participant and operation. */
  idempotency_key?: string | null;
  /** The time when it happened, by RFC 3339. A time without an offset is in UTC. */
  timestamp?: Moment | null;
}

/** The reversal. `left` is the number of points of the transaction that can still be reversed. */
export interface PointsReversedAnswer {
  /** The id of the reversal, which is a transaction too. */
  transaction_id: string;
  /** The id of the transaction that was reversed. */
  reversed_transaction_id: string;
  /** Your application's own id of the user. */
  participant_id: string;
  /** The points that were reversed. */
  amount: number;
  /** The points of the transaction that can still be reversed. */
  left: number;
  /** The balance afterwards. */
  new_balance: number;
  /** Everything else that the request caused, such as badges and tiers; left out if there is nothing. */
  effects?: Effects;
}

/** All or a part of a transaction was reversed. */
export interface PointsReversedData {
  /** The points. */
  amount: number;
  /** The balance afterwards. */
  balance_after: number;
  /** The reason shown in the transaction history; null for none. */
  reason?: string | null;
  /** Your own data, as sent with the request; null for none. */
  metadata?: Record<string, unknown> | null;
  /** The id of the reversed transaction. */
  transaction_id: string;
}

/** The points of a participant. */
export interface PointsSection {
  /** Points that can be spent now. */
  balance: number;
  /** All points ever awarded, less reversed awards. */
  total_earned: number;
  /** All points ever spent, less reversed deductions. */
  total_spent: number;
}

/** The profile of a participant. */
export interface ProfileAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The name that others see; null for none. */
  display_name: string | null;
  /** The address of an image; null for none. */
  avatar_url: string | null;
  /** Values of your application. `timezone` is the IANA name of the participant's time zone. */
  attributes: Record<string, unknown>;
  /** The participant's points. */
  points: PointsSection;
  /** The participant's tier; null for none. */
  tier: ProfileTier | null;
  /** The badges that the participant has earned. */
  badges: ProfileBadge[];
  /** The best of the participant's streaks; null without a record. */
  streaks: ProfileStreaks | null;
  /** The number of claims, without cancelled ones. */
  rewards_claimed: number;
  /** The number of events. */
  total_events: number;
  /** False once the participant has been anonymized. */
  is_active: boolean;
  /** When the participant was created. */
  created_at: string;
  /** The first call that reported an action of the participant. */
  first_seen_at: string;
  /** The last call that reported an action of the participant. */
  last_seen_at: string;
}

/** A badge that the participant has earned. */
export interface ProfileBadge {
  /** The badge's code. */
  code: string;
  /** The badge's name. */
  name: string;
  /** Whether the participant has the badge now. */
  earned: boolean;
  /** When the participant earned it; null if not earned. */
  earned_at: string | null;
  /** How rare the badge is, in the project's own words. */
  rarity: string;
}

/** The fields of a profile that a call can change. A field that is left out stays as it is. */
export interface ProfileFields {
  /** The name that others see, on leaderboards for example; null for none. */
  display_name?: string | null;
  /** The address of an image: http, https, a data URL or a relative address; null for none. */
  avatar_url?: string | null;
  /** Your own data, merged into the stored attributes; null removes one. `timezone` is an IANA name. */
  attributes?: Record<string, unknown>;
}

/** The best of the participant's streaks. */
export interface ProfileStreaks {
  /** The largest current count of all streaks. */
  current: number;
  /** The largest longest count of all streaks. */
  longest: number;
  /** The latest record of all streaks. */
  last_activity_at: string | null;
}

/** The tier of a participant, and the next one. */
export interface ProfileTier {
  /** The tier's code. */
  code: string;
  /** The tier's name. */
  name: string;
  /** The tier's level; higher is better. */
  level: number;
  /** The tier's colour; null if it has none. */
  color: string | null;
  /** When the participant reached it. */
  achieved_at: string;
  /** The next tier; null if there is none to reach. */
  next_tier: NextTier | null;
}

/**
 * `time_zone` determines the beginning of days for participants without their own time zone. `rate_limit` is in
 * requests per second, for all keys together; null or 0 for no limit. `event_retention_days` is the number of days for
 * which the content of events is kept; null keeps it permanently. `strict_fields`: unknown fields and parameters are
 * refused, not ignored.
 */
export interface ProjectShown {
  /** The project's code. */
  code: string;
  /** The project's name. */
  name: string;
  /** `live` or `test`. */
  mode: "live" | "test";
  /** IANA name of the time zone in which days begin, for participants without their own. */
  time_zone: string;
  /** The day on which weeks begin. */
  first_day_of_week: "friday" | "monday" | "saturday" | "sunday" | "thursday" | "tuesday" | "wednesday";
  /** Requests per second of all keys together; null or 0 for no limit. */
  rate_limit: number | null;
  /** For how many days the content of events is kept; null for permanently. */
  event_retention_days: number | null;
  /** Whether unknown fields and parameters are refused. */
  strict_fields: boolean;
  /** When the project was created. */
  created_at: string;
  /** When the project was archived; null if it is not. */
  archived_at: string | null;
}

/** The projects of the server. */
export interface ProjectsAnswer {
  /** The projects, by their codes. */
  items: ProjectShown[];
  /** The number of projects. */
  total: number;
}

/** An action that assigns a tier. It changes nothing if the participant is already in the tier. */
export interface PutInTier {
  type: "assign_tier";
  /** The tier's code. */
  tier_code: string;
}

/**
 * Without a score in the period: `rank` and `percentile` are null and the score is 0. `progress` is there while a new
 * board is being filled from history, 0 to 1: until then a rank is among the facts that have been counted.
 */
export interface RankAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The place, from 1; null without a score in the window. */
  rank: number | null;
  /** The participant's score in the window; 0 without one. */
  score: number;
  /** The numbers of the tie-breakers, in order; only on boards with tie-breakers, and with a score. */
  tie_values?: (number | null)[];
  /** The number of participants with a score in the window. */
  total_participants: number;
  /** The share of the participants that this one is ahead of, in percent with one decimal; null without a score. */
  percentile: number | null;
  /** How much of the board is filled, 0 to 1; left out once it is filled. */
  progress?: number;
}

/** The streak in which the participant was active. */
export interface RecordStreakRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** The streak's code. */
  streak_code: string;
  /** The time when it happened, by RFC 3339. A time without an offset is in UTC. */
  timestamp?: Moment | null;
}

/** A participant to register. A field that is left out stays as it is, if the participant exists. */
export interface RegisterRequest {
  /** The name that others see, on leaderboards for example; null for none. */
  display_name?: string | null;
  /** The address of an image: http, https, a data URL or a relative address; null for none. */
  avatar_url?: string | null;
  /** Your own data, merged into the stored attributes; null removes one. `timezone` is an IANA name. */
  attributes?: Record<string, unknown> | null;
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
}

/** The hold to release. */
export interface ReleaseRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** Shown in the transaction history. */
  reason?: string | null;
  /** Your own data, stored with the fact: at most 65,536 bytes of JSON. */
  metadata?: Record<string, unknown> | null;
  /** Makes retries safe: the same key never acts twice for the same participant and operation. */
  idempotency_key?: string | null;
  /** The id of the hold. */
  hold_id: string;
}

/** The events that are sent again. */
export interface ResendAnswer {
  /** The time from which events are sent again. */
  since: string;
}

/** The events to send again. */
export interface ResendRequest {
  /** Events that the feed got at this time or later are sent again, in real time also in test projects. */
  since: Moment;
}

/** The transaction to reverse, and the points to reverse, by default all that are left. */
export interface ReverseRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** Shown in the transaction history. */
  reason?: string | null;
  /** Your own data, stored with the fact: at most 65,536 bytes of JSON. */
  metadata?: Record<string, unknown> | null;
  /** Makes retries safe: the same key never acts twice for the same participant and operation. */
  idempotency_key?: string | null;
  /** The id of an award, a deduction or a capture. */
  transaction_id: string;
  /** The points to reverse; null for everything that is left of the transaction. */
  amount?: number | null;
}

/** The badge to take away, and the participant. */
export interface RevokeBadgeRequest {
  /** Your application's id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** The badge's code. */
  badge_code: string;
  /** Shown in the transaction history. */
  reason?: string | null;
}

/**
 * The result of a revocation. `not_revoked` lists codes that are claimed, already revoked, or not codes of this reward.
 */
export interface RevokeCodesAnswer {
  /** The id of the reward. */
  reward_id: string;
  /** The number of codes that were revoked. */
  revoked: number;
  /** The codes that could not be revoked, because they are claimed, revoked already or unknown. */
  not_revoked: string[];
  /** The number of codes that can still be claimed. */
  available: number;
}

/** The codes to revoke: those listed, or all available codes. */
export interface RevokeCodesRequest {
  /** The codes to revoke; null with `all_available`. */
  codes?: string[] | null;
  /** Whether all codes that are not claimed are revoked. */
  all_available?: boolean | null;
}

/** A claim that was cancelled. */
export interface RewardCancelledData {
  /** The id of the claim. */
  claim_id: string;
  /** The id of the reward. */
  reward_id: string;
  /** The reward's code. */
  reward_code: string;
  /** The reward's name. */
  reward_name: string;
  /** The reason; null for none. */
  reason?: string | null;
  /** The points given back. */
  points: number;
  /** The balance afterwards. */
  balance_after: number;
  /** Whether the code or the item can be claimed again. */
  returns_item?: boolean;
}

/** A claim was cancelled. */
export interface RewardCancelledEvent {
  type: "reward.cancelled";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: RewardCancelledData;
}

/** The claim, with its code if it got one. */
export interface RewardClaimedAnswer {
  /** The id of the claim. */
  claim_id: string;
  /** Your application's own id of the user. */
  participant_id: string;
  /** The reward's name. */
  reward_name: string;
  /** The kind of reward. */
  reward_type: string;
  /** The code that the claim got; null for none. */
  code_value: string | null;
  /** The points that the claim cost. */
  points_deducted: number;
  /** The balance afterwards. */
  new_balance: number;
  /** Everything else that the request caused, such as badges and tiers; left out if there is nothing. */
  effects?: Effects;
}

/** A reward that was claimed, or granted by a rule or challenge. */
export interface RewardClaimedData {
  /** The id of the claim. */
  claim_id: string;
  /** The id of the reward. */
  reward_id: string;
  /** The reward's code. */
  reward_code: string;
  /** The reward's name. */
  reward_name: string;
  /** The reason; null for none. */
  reason?: string | null;
  /** The reward's type. */
  reward_type: string;
  /** The price that was paid. */
  points: number;
  /** The balance afterwards. */
  balance_after: number;
  /** Whether the claim has a code; read the claim to get it. */
  has_code?: boolean;
  /** When the multiplier of the reward ends; null for rewards of other types. */
  ends_at?: string | null;
}

/** A participant claimed a reward, or a rule or challenge granted it. */
export interface RewardClaimedEvent {
  type: "reward.claimed";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: RewardClaimedData;
}

/**
 * A reward that participants can claim. Null means no limit in `max_claims_per_user` and `total_inventory`. With
 * `has_codes`, which is the default for coupons, each claim receives one of the uploaded codes.
 */
export interface RewardDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code?: string | null;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean | null;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number | null;
  /** The name that participants see. */
  name: string;
  /** The kind of reward. It cannot be changed. */
  type: "coupon" | "digital" | "physical" | "points_multiplier" | "voucher";
  /** The text that participants see; null for none. */
  description?: string | null;
  /** The price in points, for a claim that asks for points to be deducted. */
  points_cost?: number | null;
  /** How often one participant can claim it; null for no limit. Cancelled claims do not count. */
  max_claims_per_user?: number | null;
  /** How many claims there can be in total; null for no limit, 0 for sold out. */
  total_inventory?: number | null;
  /** Whether each claim gets one of the uploaded codes; null stands for true for coupons, false for other kinds. */
  has_codes?: boolean | null;
  /** When claims begin; null for no beginning. */
  starts_at?: Moment | null;
  /** When claims end; null for no end. */
  ends_at?: Moment | null;
  /** The code of the tier that a participant needs, or a higher one; null for none. */
  required_tier?: string | null;
  /** The codes of the badges that a participant needs, all of them. */
  required_badges?: string[] | null;
  /** The multiplier, for rewards of the kind `points_multiplier`; null for all others. */
  config?: MultiplierConfig | null;
}

/**
 * A reward that participants can claim. Null means no limit in `max_claims_per_user` and `total_inventory`. With
 * `has_codes`, which is the default for coupons, each claim receives one of the uploaded codes.
 */
export interface RewardDefinitionAnswer {
  /** The definition's id, which never changes. */
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order: number;
  /** The name that participants see. */
  name: string;
  /** The kind of reward. It cannot be changed. */
  type: "coupon" | "digital" | "physical" | "points_multiplier" | "voucher";
  /** The text that participants see; null for none. */
  description: string | null;
  /** The price in points, for a claim that asks for points to be deducted. */
  points_cost: number;
  /** How often one participant can claim it; null for no limit. Cancelled claims do not count. */
  max_claims_per_user: number | null;
  /** How many claims there can be in total; null for no limit, 0 for sold out. */
  total_inventory: number | null;
  /** Whether each claim gets one of the uploaded codes; null stands for true for coupons, false for other kinds. */
  has_codes: boolean | null;
  /** When claims begin; null for no beginning. */
  starts_at: string | null;
  /** When claims end; null for no end. */
  ends_at: string | null;
  /** The code of the tier that a participant needs, or a higher one; null for none. */
  required_tier: string | null;
  /** The codes of the badges that a participant needs, all of them. */
  required_badges: string[];
  /** The multiplier, for rewards of the kind `points_multiplier`; null for all others. */
  config: MultiplierConfig | null;
  /** When it was created. */
  created_at: string;
  /** When it was last changed. */
  updated_at: string;
  /** When it was deleted; null if it is not. */
  deleted_at: string | null;
}

/** A page of the project's definitions of one kind. */
export interface RewardDefinitionList {
  /** The rows of this page, in their order. */
  items: RewardDefinitionAnswer[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** The fields to change; all others stay as they are. */
export interface RewardDefinitionPatch {
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number;
  /** The name that participants see. */
  name?: string;
  /** The text that participants see; null for none. */
  description?: string | null;
  /** The price in points, for a claim that asks for points to be deducted. */
  points_cost?: number;
  /** How often one participant can claim it; null for no limit. Cancelled claims do not count. */
  max_claims_per_user?: number | null;
  /** How many claims there can be in total; null for no limit, 0 for sold out. */
  total_inventory?: number | null;
  /** Whether each claim gets one of the uploaded codes; null stands for true for coupons, false for other kinds. */
  has_codes?: boolean | null;
  /** When claims begin; null for no beginning. */
  starts_at?: Moment | null;
  /** When claims end; null for no end. */
  ends_at?: Moment | null;
  /** The code of the tier that a participant needs, or a higher one; null for none. */
  required_tier?: string | null;
  /** The codes of the badges that a participant needs, all of them. */
  required_badges?: string[];
  /** The multiplier, for rewards of the kind `points_multiplier`; null for all others. */
  config?: MultiplierConfigPatch | null;
}

/** A reward that was granted. */
export interface RewardEffect {
  /** The id of the claim. */
  claim_id: string;
  /** The reward's code. */
  reward_code: string;
  /** The reward's name. */
  reward_name: string;
  /** The kind of reward. */
  reward_type: string;
  /** The code that the claim got; null for none. */
  code_value: string | null;
  /** The code of the rule or challenge that granted it. */
  due_to: string | null;
}

/** A claim was marked as fulfilled. */
export interface RewardFulfilledEvent {
  type: "reward.fulfilled";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: ClaimData;
}

/**
 * A reward on offer. `available_codes` is null if the reward has no codes, `remaining_inventory` if it has no limit.
 * The last four fields are present if `participant_id` was given: `reason` is null if the participant can claim the
 * reward now for its price, and `shortfall` is the number of missing points.
 */
export interface RewardShown {
  /** The reward's id. */
  id: string;
  /** The reward's code. */
  code: string;
  /** The reward's name. */
  name: string;
  /** The kind of reward. */
  type: "coupon" | "digital" | "physical" | "points_multiplier" | "voucher";
  /** The reward's description; null if it has none. */
  description: string | null;
  /** The price in points, for a claim that asks for points to be deducted. */
  points_cost: number;
  /** The number of codes that are left; null if claims get no codes. */
  available_codes: number | null;
  /** The number of items that are left; null for no limit. */
  remaining_inventory: number | null;
  /** How often one participant can claim it; null for no limit. */
  max_claims_per_user: number | null;
  /** When claims begin; null for no beginning. */
  starts_at: string | null;
  /** When claims end; null for no end. */
  ends_at: string | null;
  /** The code of the tier that a participant needs, or a higher one; null for none. */
  required_tier: string | null;
  /** The codes of the badges that a participant needs, all of them. */
  required_badges: string[];
  /** By how much awards are multiplied; null for other kinds of rewards. */
  multiplier: number | null;
  /** How long the multiplier applies after the claim; null for other kinds of rewards. */
  duration_hours: number | null;
  /** With `participant_id`: whether the participant can claim it now, for its price. */
  can_claim?: boolean;
  /** With `participant_id`: why the participant cannot claim it; null if possible. */
  reason?:
    | "badges_required"
    | "ended"
    | "insufficient_points"
    | "limit_reached"
    | "no_codes"
    | "not_started"
    | "sold_out"
    | "tier_required"
    | null;
  /** With `participant_id`: the points that are missing for its price. */
  shortfall?: number;
  /** With `participant_id`: how many claims of the participant count against `max_claims_per_user`. */
  claims?: number;
}

/** The rewards that can be claimed. */
export interface RewardsAnswer {
  /** The rewards, in display order. */
  rewards: RewardShown[];
  /** The number of rows on all pages. */
  total: number;
}

/** The number of the participant's claims. */
export interface RewardsSection {
  /** The number of claims, without cancelled ones. */
  total_claimed: number;
}

/** When the old key ends. */
export interface RotateKeyRequest {
  /** The time for which the old key still works. */
  valid_hours?: number | null;
}

/** When the old secret ends. */
export interface RotateSecretRequest {
  /** For how long requests are signed with the old secret too. 0 ends all old secrets at once. */
  valid_hours?: number | null;
}

/** The new key. `replaces` is the old key, including the time at which it ends. */
export interface RotatedApiKey {
  /** The id of the key. */
  id: string;
  /** The name of the key. */
  name: string;
  /** The permissions of the key: each scope includes those before it. */
  scope: "admin" | "gamify" | "gamify:admin" | "gamify:read" | "gamify:support" | "operator";
  /** The first characters of the key. */
  hint: string;
  /** Requests per second; null for the server's default, 0 for no limit. */
  rate_limit: number | null;
  /** When the key was created. */
  created_at: string;
  /** When the key expires; null for never. */
  expires_at: string | null;
  /** When the key was revoked; null if it was not. */
  revoked_at: string | null;
  /** The time of its last request, to the minute or so; null if none is known. */
  last_used_at: string | null;
  /** The key itself, for the header `X-API-Key`. It is not shown again. */
  key: string;
  /** The old key, with the time of its end. */
  replaces: ApiKey;
}

/** The new secret of a webhook. */
export interface RotatedSecret {
  /** The new secret. It is not shown again. */
  secret: string;
  /** Until when requests are signed with the old secret too. */
  old_secret_until: string;
}

/** A rule: when the event occurs and the condition is true, the actions are done. */
export interface RuleDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean | null;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number | null;
  /** The rule's name. It is the reason of awarded points without a reason. */
  name: string;
  /** A text for your team; null for none. */
  description?: string | null;
  /** The name of the events to which the rule applies. */
  event_name: string;
  /** A CEL expression over event, participant and now; the rule acts only if it is true. Null for always. */
  condition?: string | null;
  /** The actions. They take effect together or not at all. */
  actions: (GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward)[];
  /** How often the rule can act; null for no limit. */
  limit?: RuleLimit | null;
  /** The rule applies to events that occurred at this time or later; null for no beginning. */
  starts_at?: Moment | null;
  /** The rule applies to events that occurred before this time; null for no end. */
  ends_at?: Moment | null;
  /** Rules with a higher priority come first; rules with equal priorities are sorted by code. */
  priority?: number | null;
  /** A word that rules share, of which only one acts on an event; null for no group. */
  group?: string | null;
}

/** A rule: when the event occurs and the condition is true, the actions are done. */
export interface RuleDefinitionAnswer {
  /** The definition's id, which never changes. */
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order: number;
  /** The rule's name. It is the reason of awarded points without a reason. */
  name: string;
  /** A text for your team; null for none. */
  description: string | null;
  /** The name of the events to which the rule applies. */
  event_name: string;
  /** A CEL expression over event, participant and now; the rule acts only if it is true. Null for always. */
  condition: string | null;
  /** The actions. They take effect together or not at all. */
  actions: (GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward)[];
  /** How often the rule can act; null for no limit. */
  limit: RuleLimit | null;
  /** The rule applies to events that occurred at this time or later; null for no beginning. */
  starts_at: string | null;
  /** The rule applies to events that occurred before this time; null for no end. */
  ends_at: string | null;
  /** Rules with a higher priority come first; rules with equal priorities are sorted by code. */
  priority: number;
  /** A word that rules share, of which only one acts on an event; null for no group. */
  group: string | null;
  /** When it was created. */
  created_at: string;
  /** When it was last changed. */
  updated_at: string;
  /** When it was deleted; null if it is not. */
  deleted_at: string | null;
}

/** A page of the project's definitions of one kind. */
export interface RuleDefinitionList {
  /** The rows of this page, in their order. */
  items: RuleDefinitionAnswer[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** The fields to change; all others stay as they are. */
export interface RuleDefinitionPatch {
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number;
  /** The rule's name. It is the reason of awarded points without a reason. */
  name?: string;
  /** A text for your team; null for none. */
  description?: string | null;
  /** The name of the events to which the rule applies. */
  event_name?: string;
  /** A CEL expression over event, participant and now; the rule acts only if it is true. Null for always. */
  condition?: string | null;
  /** The actions. They take effect together or not at all. */
  actions?: (GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward)[];
  /** How often the rule can act; null for no limit. */
  limit?: RuleLimitPatch | null;
  /** The rule applies to events that occurred at this time or later; null for no beginning. */
  starts_at?: Moment | null;
  /** The rule applies to events that occurred before this time; null for no end. */
  ends_at?: Moment | null;
  /** Rules with a higher priority come first; rules with equal priorities are sorted by code. */
  priority?: number;
  /** A word that rules share, of which only one acts on an event; null for no group. */
  group?: string | null;
}

/** The limits of a rule: for each participant, and for all participants together. */
export interface RuleLimit {
  /** How often it can act for each participant; null for no limit. */
  per_participant?: RuleLimitPeriods | null;
  /** How often it can act for all participants together; null for no limit. */
  in_total?: RuleLimitPeriods | null;
}

/** The limits of a rule: for each participant, and for all participants together. */
export interface RuleLimitPatch {
  /** How often it can act for each participant; null for no limit. */
  per_participant?: RuleLimitPeriodsPatch | null;
  /** How often it can act for all participants together; null for no limit. */
  in_total?: RuleLimitPeriodsPatch | null;
}

/** The maximum number of times in each period; null means no limit. */
export interface RuleLimitPeriods {
  /** How often in one day; null for no limit. */
  day?: number | null;
  /** How often in one week; null for no limit. */
  week?: number | null;
  /** How often in one month; null for no limit. */
  month?: number | null;
  /** How often over all time; null for no limit. */
  ever?: number | null;
}

/** The maximum number of times in each period; null means no limit. */
export interface RuleLimitPeriodsPatch {
  /** How often in one day; null for no limit. */
  day?: number | null;
  /** How often in one week; null for no limit. */
  week?: number | null;
  /** How often in one month; null for no limit. */
  month?: number | null;
  /** How often over all time; null for no limit. */
  ever?: number | null;
}

/** The response to signing out. */
export interface SessionEnded {
  /** True, also if there was no session. */
  ended: boolean;
}

/** The project of the key. */
export interface SessionProject {
  /** The project's code. */
  code: string;
  /** The project's name. */
  name: string;
  /** `test` if the project's clock can be moved. */
  mode: "live" | "test";
  /** The time zone in which the project's days begin. */
  time_zone: string;
}

/** The key for which a request acts. */
export interface SessionShown {
  /** The project of the key. */
  project: SessionProject;
  /** The permissions of the key. */
  scope: "admin" | "gamify" | "gamify:admin" | "gamify:read" | "gamify:support" | "operator";
  /** The id of the key; null for the key in the server's environment. */
  key_id: string | null;
  /** The name of the key in the audit log. */
  key_name: string;
}

/**
 * `definitions` has the sections of a definitions file. A section replaces all definitions of its kind; kinds without a
 * section keep their live definitions. Leaderboards are not simulated.
 */
export interface SimulateRequest {
  /**
   * The draft, in the form of a definitions file: a list of definitions by section, such as `rules`. A section replaces
   * all live definitions of its kind; kinds without a section stay as they are.
   */
  definitions: Record<string, unknown>;
  /** The number of past days to simulate. */
  days?: number | null;
}

/**
 * The actual effects of one definition, and its effects in the simulation. `is_live` and `in_draft` show on which side
 * the definition exists.
 */
export interface SimulatedDefinition {
  /** The kind of definition, such as `rule`. */
  kind: string;
  /** The definition's code. */
  code: string;
  /** Whether it is a live definition. */
  is_live: boolean;
  /** Whether it is a definition of the draft. */
  in_draft: boolean;
  /** Its real results in the simulated time span. */
  live: DefinitionTally;
  /** Its results with the draft. */
  draft: DefinitionTally;
}

/** Points awarded and deducted in total. */
export interface SimulatedPoints {
  /** Points awarded. */
  awarded: number;
  /** Points deducted. */
  deducted: number;
}

/** The participants who would now be in another tier, with the first of them as examples. */
export interface SimulatedTierChange {
  /** The code of the live tier; null for no tier. */
  live_tier: string | null;
  /** The code of the tier with the draft; null for no tier. */
  draft_tier: string | null;
  /** The number of participants with this change. */
  participants: number;
  /** Ids of up to 100 of these participants. */
  examples: string[];
}

/** One line of the response: progress from time to time, and the result or an error at the end. */
export interface SimulationLine {
  /** The progress so far, twice per second. */
  progress?: SimulationProgress;
  /** The result, in the last line of a simulation that succeeded. */
  result?: SimulationResult;
  /** A sentence, in the last line of a simulation that failed. */
  error?: string;
}

/** The progress of a simulation. */
export interface SimulationProgress {
  /** The number of participants that are finished. */
  participants_done: number;
  /** The number of participants with a fact in the simulated time span. */
  participants: number;
  /** The number of events that are finished. */
  events_done: number;
}

/**
 * The result of a simulation. `since` and `until` are the bounds of the simulated time. `refused` is the number of
 * commands that were accepted and would be refused. `forgotten_events` could not be decided again because their content
 * is no longer kept. `approximations` are reasons why the draft could have had other effects; without any, the result
 * is exact.
 */
export interface SimulationResult {
  /** The beginning of the simulated time span. */
  since: string;
  /** The end of the simulated time span. */
  until: string;
  /** The number of participants with a fact in the time span. */
  participants: number;
  /** The number of commands that were decided again. */
  commands: number;
  /** The number of events that were decided again. */
  events: number;
  /** The number of commands that were allowed and that the draft refuses. */
  refused: number;
  /** The number of events that could not be decided again, because their content is no longer kept. */
  forgotten_events: number;
  /** The reasons why the real result of the draft might differ; empty if the simulation is exact. */
  approximations: ("forgotten_events" | "limits_in_total" | "older_facts" | "profiles" | "rewards")[];
  /** The points that were really awarded and deducted. */
  points_live: SimulatedPoints;
  /** The points that the draft awards and deducts. */
  points_draft: SimulatedPoints;
  /** The results of each definition, live and in the draft. */
  definitions: SimulatedDefinition[];
  /** The participants that would be in another tier at the end, counted by change. */
  tier_changes: SimulatedTierChange[];
  /** The duration of the simulation. */
  seconds: number;
}

/** The requested sections; others are absent. */
export interface StateAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The participant's points. */
  points?: PointsSection;
  /** The participant's tier; null for none. */
  tier?: TierSection | null;
  /** The badges that the participant can see, earned or not. */
  badges?: BadgeSection[];
  /** The best of the participant's streaks. */
  streaks?: StreaksSection;
  /** The number of the participant's challenges. */
  challenges?: ChallengesSection;
  /** The number of the participant's claims. */
  rewards?: RewardsSection;
}

/** The numbers of one statistic. A statistic with codes has one entry for the sum and one for each code. */
export interface StatisticShown {
  /** The name of the statistic, such as `points_issued`. */
  name: string;
  /** The code that is counted, such as a badge's or the name of an event; null for the sum over all codes. */
  code: string | null;
  /** The sum over the days; for a level the number of the last day. */
  total: number;
  /** The same for as many days before. */
  total_before: number;
  /** The number of each day, in the order of `days`. */
  by_day: number[];
}

/** The daily statistics of a period. */
export interface StatisticsAnswer {
  /** The days, in the project's time zone. */
  days: string[];
  /** The time zone in which the days begin. */
  time_zone: string;
  /**
   * Facts recorded before this time are counted; later ones follow within about 20 seconds. It is a real time, also in
   * test projects.
   */
  counted_until: string;
  /** The statistics, those with codes followed by their codes, the most frequent first. */
  statistics: StatisticShown[];
}

/** A streak that is lost without a further record. */
export interface StreakAtRiskData {
  /** The streak's code. */
  streak_code: string;
  /** The streak's name. */
  streak_name: string;
  /** How many periods the streak has. */
  count: number;
  /** When the streak is lost without a record. */
  lost_at: string;
}

/** The period of a streak ends in `at_risk_hours`, and it has no record yet. */
export interface StreakAtRiskEvent {
  type: "streak.at_risk";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: StreakAtRiskData;
}

/** A participant's streak. */
export interface StreakData {
  /** The streak's code. */
  streak_code: string;
  /** The streak's name. */
  streak_name: string;
  /** How many periods the streak has. */
  count: number;
}

/**
 * A streak. `grace_period_hours` are real hours after the end of the period in which the next record is due.
 * `at_risk_hours` are hours before this end.
 */
export interface StreakDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean | null;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number | null;
  /** The name that participants see. */
  name: string;
  /** The text that participants see; null for none. */
  description?: string | null;
  /** The address of an image: http, https, a data URL or a relative address; null for none. */
  icon_url?: string | null;
  /** The period in which a record counts once. It cannot be changed. */
  period: "daily" | "monthly" | "weekly";
  /** How many hours after the end of the following period a record can still continue the streak. */
  grace_period_hours?: number | null;
  /**
   * How many hours before the end of the period in which a record is due the feed has the event `streak.at_risk`; null
   * for no such event.
   */
  at_risk_hours?: number | null;
}

/**
 * A streak. `grace_period_hours` are real hours after the end of the period in which the next record is due.
 * `at_risk_hours` are hours before this end.
 */
export interface StreakDefinitionAnswer {
  /** The definition's id, which never changes. */
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order: number;
  /** The name that participants see. */
  name: string;
  /** The text that participants see; null for none. */
  description: string | null;
  /** The address of an image: http, https, a data URL or a relative address; null for none. */
  icon_url: string | null;
  /** The period in which a record counts once. It cannot be changed. */
  period: "daily" | "monthly" | "weekly";
  /** How many hours after the end of the following period a record can still continue the streak. */
  grace_period_hours: number;
  /**
   * How many hours before the end of the period in which a record is due the feed has the event `streak.at_risk`; null
   * for no such event.
   */
  at_risk_hours: number | null;
  /** When it was created. */
  created_at: string;
  /** When it was last changed. */
  updated_at: string;
  /** When it was deleted; null if it is not. */
  deleted_at: string | null;
}

/** A page of the project's definitions of one kind. */
export interface StreakDefinitionList {
  /** The rows of this page, in their order. */
  items: StreakDefinitionAnswer[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** The fields to change; all others stay as they are. */
export interface StreakDefinitionPatch {
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number;
  /** The name that participants see. */
  name?: string;
  /** The text that participants see; null for none. */
  description?: string | null;
  /** The address of an image: http, https, a data URL or a relative address; null for none. */
  icon_url?: string | null;
  /** How many hours after the end of the following period a record can still continue the streak. */
  grace_period_hours?: number;
  /**
   * How many hours before the end of the period in which a record is due the feed has the event `streak.at_risk`; null
   * for no such event.
   */
  at_risk_hours?: number | null;
}

/** A streak that was recorded. */
export interface StreakEffect {
  /** The streak's code. */
  streak_code: string;
  /** The streak's name. */
  streak_name: string;
  /** How many periods the streak of this record now has. */
  new_count: number;
  /** The code of the rule or challenge that recorded it; null for other causes. */
  due_to: string | null;
}

/** A period of a streak was recorded. */
export interface StreakExtendedEvent {
  type: "streak.extended";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: StreakData;
}

/** A streak was lost. `count` is its former number of periods. */
export interface StreakLostEvent {
  type: "streak.lost";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: StreakData;
}

/** The streak after the record. */
export interface StreakRecordedAnswer {
  /** The streak's code. */
  streak_code: string;
  /** How many periods the streak of this record now has. */
  new_count: number;
  /** How many periods the longest streak has. */
  longest_count: number;
  /** Whether `longest_count` has grown. */
  is_new_record: boolean;
  /** Whether the period had a record before; then nothing was changed. */
  already_recorded: boolean;
  /** Everything else that the request caused, such as badges and tiers; left out if there is nothing. */
  effects?: Effects;
}

/** A late record repaired a streak that was lost. */
export interface StreakRecoveredEvent {
  type: "streak.recovered";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: StreakData;
}

/**
 * The state of a streak. `last_recorded_at` is the time of the record that counted for the latest period. The streak
 * `is_at_risk` while the current period has no record; without a record before `expires_at`, it lapses.
 */
export interface StreakStatus {
  /** The streak's code. */
  code: string;
  /** The streak's name. */
  name: string;
  /** How many periods the current streak has; 0 if it has lapsed. */
  current_count: number;
  /** How many periods the longest streak had. */
  longest_count: number;
  /** The record that counted for the latest period; null without records. */
  last_recorded_at: string | null;
  /** The period of the streak. */
  period: "daily" | "monthly" | "weekly";
  /** Whether the streak is alive, but the current period has no record. */
  is_at_risk: boolean;
  /** When the streak lapses without a further record; null if there is no streak to lose. */
  expires_at: string | null;
}

/** The streaks of a participant. */
export interface StreaksAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The streaks, in display order. */
  streaks: StreakStatus[];
}

/** The best of the participant's streaks. */
export interface StreaksSection {
  /** The largest current count of all streaks. */
  current: number;
  /** The largest longest count of all streaks. */
  longest: number;
}

/** An action that deducts points. It is refused if the balance is too low. */
export interface TakePoints {
  type: "deduct_points";
  /** The number of points, or an expression that computes it. */
  amount: number | string;
  /** Shown in the transaction history; null for the name of the rule or challenge. */
  reason?: string | null;
}

/** A number that decides between participants with equal scores. */
export interface TieBreaker {
  /** The source of the number, as for the board. */
  metric: "event_count" | "event_last" | "event_max" | "event_min" | "event_sum" | "points_balance" | "points_earned";
  /** The name of the events that count; null for all events. Only for metrics of events. */
  event_name?: string | null;
  /** The name of the event's property, for metrics of a property; null for other metrics. */
  property?: string | null;
  /** Whether the greater number is better (`desc`) or the smaller one (`asc`). */
  order?: "asc" | "desc";
}

/** The tier of a participant, and the way to the next one. */
export interface TierAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The current tier; null for none. */
  current_tier: CurrentTier | null;
  /** The next tier; null if there is none to reach. */
  next_tier: NextTier | null;
  /** The tiers so far, the oldest first, at most the last 1,000. */
  tier_history: TierPassedAnswer[];
}

/** The tier that the participant is now in. */
export interface TierAssignedAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The tier's code. */
  tier_code: string;
  /** The tier's name. */
  tier_name: string;
  /** The tier's level; higher is better. */
  level: number;
  /** The code of the tier before; null for none. */
  previous_code: string | null;
  /** The level of the tier before; null for none. */
  previous_level: number | null;
  /** When the tier was assigned. */
  assigned_at: string;
  /** Everything else that the request caused, such as badges and tiers; left out if there is nothing. */
  effects?: Effects;
}

/** The tier that a participant is now in, and the one before. */
export interface TierChangedData {
  /** The tier's code. */
  code: string;
  /** The tier's name. */
  name: string;
  /** The tier's level; higher is better. */
  level: number;
  /** The code of the tier before; null for none. */
  previous_code?: string | null;
  /** The name of the tier before; null for none. */
  previous_name?: string | null;
  /** The level of the tier before; null for none. */
  previous_level?: number | null;
  /** Whether a request or an action assigned the tier. Otherwise points reached it. */
  is_assigned?: boolean;
  /** Whether it is the entry tier, which every participant gets with the first award. */
  is_entry?: boolean;
  /** The reason of the assignment; null for none. */
  reason?: string | null;
}

/** A participant changed tiers. Applications usually announce nothing if `is_entry` is true. */
export interface TierChangedEvent {
  type: "tier.changed";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: TierChangedData;
}

/**
 * The condition of an automatic tier. `basis` is either all points ever earned (the default, which spending never
 * lowers) or the balance.
 */
export interface TierCriteria {
  /** The threshold, in points. */
  min_points: number;
  /** The number that is compared with the threshold: all points ever earned, or the balance. */
  basis?: "balance" | "total_earned";
}

/**
 * The condition of an automatic tier. `basis` is either all points ever earned (the default, which spending never
 * lowers) or the balance.
 */
export interface TierCriteriaPatch {
  /** The threshold, in points. */
  min_points?: number;
  /** The number that is compared with the threshold: all points ever earned, or the balance. */
  basis?: "balance" | "total_earned";
}

/** A tier. Automatic tiers are reached by points, manual ones only by assignment. */
export interface TierDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean | null;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number | null;
  /** The name that participants see. */
  name: string;
  /** The rank of the tier; higher is better. */
  level: number;
  /** The text that participants see; null for none. */
  description?: string | null;
  /** A colour for your application, in any notation; null for none. */
  color?: string | null;
  /** The address of an image: http, https, a data URL or a relative address; null for none. */
  icon_url?: string | null;
  /** The threshold; null for none. An automatic tier needs one. */
  criteria_config?: TierCriteria | null;
  /** `automatic`: reached by points. `manual`: only assigned by a call or an action. */
  award_type?: "automatic" | "manual" | null;
  /** Texts that your application shows. */
  benefits?: string[] | null;
}

/** A tier. Automatic tiers are reached by points, manual ones only by assignment. */
export interface TierDefinitionAnswer {
  /** The definition's id, which never changes. */
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order: number;
  /** The name that participants see. */
  name: string;
  /** The rank of the tier; higher is better. */
  level: number;
  /** The text that participants see; null for none. */
  description: string | null;
  /** A colour for your application, in any notation; null for none. */
  color: string | null;
  /** The address of an image: http, https, a data URL or a relative address; null for none. */
  icon_url: string | null;
  /** The threshold; null for none. An automatic tier needs one. */
  criteria_config: TierCriteria | null;
  /** `automatic`: reached by points. `manual`: only assigned by a call or an action. */
  award_type: "automatic" | "manual";
  /** Texts that your application shows. */
  benefits: string[];
  /** When it was created. */
  created_at: string;
  /** When it was last changed. */
  updated_at: string;
  /** When it was deleted; null if it is not. */
  deleted_at: string | null;
}

/** A page of the project's definitions of one kind. */
export interface TierDefinitionList {
  /** The rows of this page, in their order. */
  items: TierDefinitionAnswer[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** The fields to change; all others stay as they are. */
export interface TierDefinitionPatch {
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number;
  /** The name that participants see. */
  name?: string;
  /** The rank of the tier; higher is better. */
  level?: number;
  /** The text that participants see; null for none. */
  description?: string | null;
  /** A colour for your application, in any notation; null for none. */
  color?: string | null;
  /** The address of an image: http, https, a data URL or a relative address; null for none. */
  icon_url?: string | null;
  /** The threshold; null for none. An automatic tier needs one. */
  criteria_config?: TierCriteriaPatch | null;
  /** `automatic`: reached by points. `manual`: only assigned by a call or an action. */
  award_type?: "automatic" | "manual";
  /** Texts that your application shows. */
  benefits?: string[];
}

/** A tier that the participant was in. */
export interface TierPassedAnswer {
  /** The tier's code. */
  code: string;
  /** When the participant reached it. */
  achieved_at: string;
}

/** The tier of a participant. */
export interface TierSection {
  /** The tier's code. */
  code: string;
  /** The tier's name. */
  name: string;
  /** The tier's level; higher is better. */
  level: number;
}

/** The tier just reached, and the previous tier, if any. */
export interface TierUpgrade {
  /** The tier's code. */
  code: string;
  /** The tier's name. */
  name: string;
  /** The tier's level; higher is better. */
  level: number;
  /** The code of the tier before; null for none. */
  previous_code: string | null;
  /** The level of the tier before; null for none. */
  previous_level: number | null;
}

/**
 * A transaction. `amount` is never negative; `type` shows the direction. Fields that do not apply to a type are left
 * out.
 */
export interface TransactionAnswer {
  /** The id of the transaction. */
  id: string;
  /** The kind of movement. It determines whether points were added or taken. */
  type:
    | "award"
    | "award_reversal"
    | "capture"
    | "claim"
    | "claim_cancellation"
    | "deduct"
    | "deduct_reversal"
    | "expiry"
    | "hold"
    | "release";
  /** The number of points, never negative. */
  amount: number;
  /** The balance after the transaction. */
  balance_after: number;
  /** The reason that was given; null for none. */
  reason: string | null;
  /** The metadata that was given; null for none. */
  metadata: Record<string, unknown> | null;
  /** The time of the transaction: the given `timestamp`, or the time of the request. */
  created_at: string;
  /** The expiry of the awarded points or of the hold; left out if they do not expire. */
  expires_at?: string;
  /** The requested expiry, if the points expire at another time. */
  requested_expires_at?: string;
  /** The requested amount, if another amount was credited. */
  base_amount?: number;
  /** The multiplier that applied, if there was one. */
  multiplier?: number;
  /** The id of the reversed transaction, for reversals. */
  reverses?: string;
  /** The id of the hold, for captures and releases. */
  hold_id?: string;
  /** The id of the reward, for claims. */
  reward_id?: string;
  /** The id of the claim, for claims and their cancellations. */
  claim_id?: string;
}

/** A page of a participant's transactions. */
export interface TransactionsAnswer {
  /** Your application's own id of the user. */
  participant_id: string;
  /** The transactions; the last one to take effect comes first. */
  transactions: TransactionAnswer[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** The number of codes that were uploaded. */
export interface UploadCodesAnswer {
  /** The id of the reward. */
  reward_id: string;
  /** The number of codes in the request. */
  received: number;
  /** The number of new codes. */
  added: number;
  /** Codes that were skipped. */
  duplicates: DuplicateCodes;
  /** The number of codes that can be claimed now. */
  available: number;
}

/** Codes for a reward. Each claim gets one. */
export interface UploadCodesRequest {
  /** The codes, of 1 to 255 printable characters each. */
  codes: string[];
}

/**
 * The type of the expression's value. `reads` lists the variables that it reads, with the properties and attributes
 * that are known from its text.
 */
export interface ValidateExpressionAnswer {
  /** The type of the result, such as `bool` or `int`. */
  type: string;
  /** The variables that the expression reads. */
  reads: string[];
}

/**
 * An expression to check. `use` is its intended use: a condition of a rule or an objective, an amount of an action, or
 * the criteria of a badge.
 */
export interface ValidateExpressionRequest {
  /** The CEL expression. */
  expression: string;
  /**
   * The place of the expression: the condition of a rule or objective, the amount of an action, or the criteria of a
   * badge.
   */
  use?: "amount" | "condition" | "criteria" | null;
}

/** A variable that expressions can read. */
export interface VariableShown {
  /** The name of the variable, such as `participant.balance`. */
  name: string;
  /** The type of the variable, such as `int` or `map of string to int`. */
  type: string;
  /** Whether the variable is a part of an event. Criteria of badges cannot read it. */
  is_of_event: boolean;
}

/** The variables of expressions. */
export interface VariablesAnswer {
  /** The variables, by their names. */
  variables: VariableShown[];
}

/** An address to which the project's events are sent. */
export interface WebhookDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean | null;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number | null;
  /** The webhook's name, for your team. */
  name: string;
  /** A text for your team; null for none. */
  description?: string | null;
  /**
   * The address, which begins with `https://` or `http://`. Private addresses are refused, unless the operator of the
   * server allows their network.
   */
  url: string;
  /** The types of events that are sent; `*` for all, including types of later versions. */
  types:
    | ("*"
    | "badge.earned"
    | "badge.revoked"
    | "challenge.completed"
    | "challenge.joined"
    | "challenge.left"
    | "challenge.milestone_reached"
    | "definition.changed"
    | "hold.captured"
    | "hold.created"
    | "hold.expired"
    | "hold.released"
    | "leaderboard.closed"
    | "leaderboard.placed"
    | "multiplier.ended"
    | "participant.anonymised"
    | "participant.created"
    | "participant.deleted"
    | "participant.updated"
    | "points.award_reversed"
    | "points.awarded"
    | "points.deducted"
    | "points.deduction_reversed"
    | "points.expired"
    | "points.expiring"
    | "reward.cancelled"
    | "reward.claimed"
    | "reward.fulfilled"
    | "streak.at_risk"
    | "streak.extended"
    | "streak.lost"
    | "streak.recovered"
    | "tier.changed"
    | "webhook.disabled"
    | "webhook.tested")[];
  /**
   * Further headers of the requests. They are shown to administrators and written into definitions files: secrets do
   * not belong here.
   */
  headers?: Record<string, string> | null;
  /** Whether events of the past are sent as well: from imports, and from `laurels apply --past silently`. */
  include_historical?: boolean | null;
  /**
   * The name of a second header with `sha256=` and the HMAC of the body in hexadecimal, keyed with the text of the
   * secret, for receivers written for other products; null for none.
   */
  signature_header?: string | null;
}

/** An address to which the project's events are sent. */
export interface WebhookDefinitionAnswer {
  /** The definition's id, which never changes. */
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order: number;
  /** The webhook's name, for your team. */
  name: string;
  /** A text for your team; null for none. */
  description: string | null;
  /**
   * The address, which begins with `https://` or `http://`. Private addresses are refused, unless the operator of the
   * server allows their network.
   */
  url: string;
  /** The types of events that are sent; `*` for all, including types of later versions. */
  types:
    | ("*"
    | "badge.earned"
    | "badge.revoked"
    | "challenge.completed"
    | "challenge.joined"
    | "challenge.left"
    | "challenge.milestone_reached"
    | "definition.changed"
    | "hold.captured"
    | "hold.created"
    | "hold.expired"
    | "hold.released"
    | "leaderboard.closed"
    | "leaderboard.placed"
    | "multiplier.ended"
    | "participant.anonymised"
    | "participant.created"
    | "participant.deleted"
    | "participant.updated"
    | "points.award_reversed"
    | "points.awarded"
    | "points.deducted"
    | "points.deduction_reversed"
    | "points.expired"
    | "points.expiring"
    | "reward.cancelled"
    | "reward.claimed"
    | "reward.fulfilled"
    | "streak.at_risk"
    | "streak.extended"
    | "streak.lost"
    | "streak.recovered"
    | "tier.changed"
    | "webhook.disabled"
    | "webhook.tested")[];
  /**
   * Further headers of the requests. They are shown to administrators and written into definitions files: secrets do
   * not belong here.
   */
  headers: Record<string, string>;
  /** Whether events of the past are sent as well: from imports, and from `laurels apply --past silently`. */
  include_historical: boolean;
  /**
   * The name of a second header with `sha256=` and the HMAC of the body in hexadecimal, keyed with the text of the
   * secret, for receivers written for other products; null for none.
   */
  signature_header: string | null;
  /** The secret of the signatures, in the response that creates the webhook; else null. */
  secret: string | null;
  /** The first failed attempt after the last success; null if the last attempt succeeded. */
  failing_since: string | null;
  /** The reason why the server switched the webhook off; null if it did not. */
  disabled_reason: "gone" | "no_success_in_five_days" | null;
  /** When it was created. */
  created_at: string;
  /** When it was last changed. */
  updated_at: string;
  /** When it was deleted; null if it is not. */
  deleted_at: string | null;
}

/** A page of the project's definitions of one kind. */
export interface WebhookDefinitionList {
  /** The rows of this page, in their order. */
  items: WebhookDefinitionAnswer[];
  /** The number of rows on all pages. */
  total: number;
  /** The number of this page, from 1. */
  page: number;
  /** The largest number of rows on a page. */
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** The fields to change; all others stay as they are. */
export interface WebhookDefinitionPatch {
  /** Whether the definition is in use. False switches it off; its past effects remain. */
  is_active?: boolean;
  /** The position in lists, ascending; definitions with equal numbers are sorted by code. */
  display_order?: number;
  /** The webhook's name, for your team. */
  name?: string;
  /** A text for your team; null for none. */
  description?: string | null;
  /**
   * The address, which begins with `https://` or `http://`. Private addresses are refused, unless the operator of the
   * server allows their network.
   */
  url?: string;
  /** The types of events that are sent; `*` for all, including types of later versions. */
  types?:
    | ("*"
    | "badge.earned"
    | "badge.revoked"
    | "challenge.completed"
    | "challenge.joined"
    | "challenge.left"
    | "challenge.milestone_reached"
    | "definition.changed"
    | "hold.captured"
    | "hold.created"
    | "hold.expired"
    | "hold.released"
    | "leaderboard.closed"
    | "leaderboard.placed"
    | "multiplier.ended"
    | "participant.anonymised"
    | "participant.created"
    | "participant.deleted"
    | "participant.updated"
    | "points.award_reversed"
    | "points.awarded"
    | "points.deducted"
    | "points.deduction_reversed"
    | "points.expired"
    | "points.expiring"
    | "reward.cancelled"
    | "reward.claimed"
    | "reward.fulfilled"
    | "streak.at_risk"
    | "streak.extended"
    | "streak.lost"
    | "streak.recovered"
    | "tier.changed"
    | "webhook.disabled"
    | "webhook.tested")[];
  /**
   * Further headers of the requests. They are shown to administrators and written into definitions files: secrets do
   * not belong here.
   */
  headers?: Record<string, string>;
  /** Whether events of the past are sent as well: from imports, and from `laurels apply --past silently`. */
  include_historical?: boolean;
  /**
   * The name of a second header with `sha256=` and the HMAC of the body in hexadecimal, keyed with the text of the
   * secret, for receivers written for other products; null for none.
   */
  signature_header?: string | null;
}

/** A webhook that the server switched off. */
export interface WebhookDisabledData {
  /** The webhook's code. */
  webhook_code: string;
  /** `gone`: the receiver responded with 410. `no_success_in_five_days`: no attempt of five days succeeded. */
  reason: "gone" | "no_success_in_five_days";
  /** The first failed attempt after the last success. */
  failing_since: string;
}

/** A webhook was switched off by the server, because its receiver failed for too long or asked for it. */
export interface WebhookDisabledEvent {
  type: "webhook.disabled";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: WebhookDisabledData;
}

/** A test of a webhook. */
export interface WebhookTestedData {
  /** The webhook's code. */
  webhook_code: string;
}

/** An administrator asked for a test. Only the tested webhook receives this event; the feed does not have it. */
export interface WebhookTestedEvent {
  type: "webhook.tested";
  /**
   * The id of the event, the same however often it is read. For the event of a fact it is the id of the fact, such as
   * that of the transaction.
   */
  id: string;
  /** When it happened. For events of the past, this can be long ago. */
  occurred_at: string;
  /** When Laurels recorded it, by the project's clock. */
  recorded_at: string;
  /** The participant; null for events about definitions, and once the person is erased. */
  participant_id: string | null;
  /**
   * The number of the fact among all facts of the participant: it puts the participant's events in order. Facts without
   * an event leave gaps. Null without a participant.
   */
  sequence: number | null;
  /**
   * Whether the event comes from an import or from `apply --past silently`. Applications usually do not announce such
   * events.
   */
  historical: boolean;
  /** The cause of the event. */
  cause: FeedCause;
  /** The content of the event. */
  data: WebhookTestedData;
}

/** The rank of a participant in one window or season. */
export interface WindowRank {
  /** The time window, or the code of the season. */
  period: string;
  /** The current period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; null for all time and seasons. */
  period_key: string | null;
  /** The place, from 1; null without a score in the window. */
  rank: number | null;
  /** The participant's score in the window; 0 without one. */
  score: number;
  /** The numbers of the tie-breakers, in order; only on boards with tie-breakers, and with a score. */
  tie_values?: (number | null)[];
  /** The number of participants with a score in the window. */
  total_participants: number;
  /** The share of the participants that this one is ahead of, in percent with one decimal; null without a score. */
  percentile: number | null;
  /** When the window ends; null for all time and past seasons. */
  resets_at: string | null;
}

export interface ParticipantTransactionsQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
}

export interface TransactionsCsvQuery {
  /** The first day, such as 2026-03-01, in the project's time zone. */
  from: string;
  /** The last day. */
  to: string;
}

export interface ListBadgesQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** Only definitions that are switched on, or off. */
  is_active?: boolean | null;
  /** Deleted definitions instead of the others. */
  is_deleted?: boolean;
}

export interface ParticipantBadgesQuery {
  /** Only badges that the participant has earned. */
  earned_only?: boolean;
  /** Badge codes, separated by commas. */
  badge_codes?: string | string[] | null;
}

export interface ListTiersQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** Only definitions that are switched on, or off. */
  is_active?: boolean | null;
  /** Deleted definitions instead of the others. */
  is_deleted?: boolean;
}

export interface ListLeaderboardsQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** Only definitions that are switched on, or off. */
  is_active?: boolean | null;
  /** Deleted definitions instead of the others. */
  is_deleted?: boolean;
}

export interface LeaderboardStandingsQuery {
  /**
   * A time window (all_time, daily, monthly, weekly, yearly) or the code of a season; the board's own time window if
   * omitted.
   */
  period?: string | null;
  /** A past period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; the current one if omitted. */
  period_key?: string | null;
  /** The largest number of entries. */
  limit?: number;
  /** Show the neighbours of this participant. */
  around?: string | null;
  /** `profile` adds names and avatars. */
  include?: string | null;
  /** Rank these participants among themselves: up to 500 ids, separated by commas. For ids with commas, use POST. */
  among?: string | null;
  /** The `next_cursor` of a response: shows the entries that follow. */
  after?: string | null;
  /** The result of a past period or season: its first 1,000 places 24 hours after its end. */
  result?: boolean;
}

export interface ParticipantRankQuery {
  /**
   * A time window (all_time, daily, monthly, weekly, yearly) or the code of a season; the board's own time window if
   * omitted.
   */
  period?: string | null;
  /** A past period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; the current one if omitted. */
  period_key?: string | null;
}

export interface ListStreaksQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** Only definitions that are switched on, or off. */
  is_active?: boolean | null;
  /** Deleted definitions instead of the others. */
  is_deleted?: boolean;
}

export interface ListRewardsQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** Only definitions that are switched on, or off. */
  is_active?: boolean | null;
  /** Deleted definitions instead of the others. */
  is_deleted?: boolean;
}

export interface AvailableRewardsQuery {
  /** Only rewards of this kind. */
  reward_type?: "coupon" | "digital" | "physical" | "points_multiplier" | "voucher" | null;
  /** Adds to each reward whether this participant can claim it now. */
  participant_id?: string | null;
}

export interface ParticipantClaimsQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
}

export interface ListClaimsQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** Only claims with this status. */
  status?: "cancelled" | "claimed" | "fulfilled" | null;
  /** A reward's id or code. */
  reward_id?: string | null;
}

export interface ListChallengesQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** Only definitions that are switched on, or off. */
  is_active?: boolean | null;
  /** Deleted definitions instead of the others. */
  is_deleted?: boolean;
}

export interface ParticipantChallengesQuery {
  /** Only challenges with this status for the participant. */
  status?: "active" | "completed" | "expired" | "not_joined" | null;
}

export interface ListRulesQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** Only definitions that are switched on, or off. */
  is_active?: boolean | null;
  /** Deleted definitions instead of the others. */
  is_deleted?: boolean;
}

export interface ListEarningCapsQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** Only definitions that are switched on, or off. */
  is_active?: boolean | null;
  /** Deleted definitions instead of the others. */
  is_deleted?: boolean;
}

export interface ParticipantEventsQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** The name of the event, which you choose: 1 to 100 characters. */
  event_name?: string | null;
  /** The time when it happened, by RFC 3339. A time without an offset is in UTC. */
  from?: Moment | null;
  /** The time when it happened, by RFC 3339. A time without an offset is in UTC. */
  to?: Moment | null;
}

export interface ReadFeedQuery {
  /**
   * The `cursor` of the previous response: the events after it are returned. `latest` stands for the newest event.
   * Without it, the response begins with the oldest event that is kept.
   */
  after?: string | null;
  /** Only events of these types, separated by commas. */
  types?: string | string[] | null;
  /** Only events of this participant. */
  participant_id?: string | null;
  /** The largest number of events in the response. */
  limit?: number;
  /**
   * How long to wait for an event if there is none. The response comes with the first event, or without one after this
   * time.
   */
  wait_seconds?: number;
}

export interface ListWebhooksQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** Only definitions that are switched on, or off. */
  is_active?: boolean | null;
  /** Deleted definitions instead of the others. */
  is_deleted?: boolean;
}

export interface ListWebhookDeliveriesQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** Only deliveries in this state. */
  state?: "delivered" | "failed" | "waiting" | null;
  /** Only deliveries of events of this type. */
  type?: string | null;
}

export interface ParticipantStateQuery {
  /** Names of sections, separated by commas; all sections by default. */
  include?: string | ("points" | "tier" | "badges" | "streaks" | "challenges" | "rewards")[] | null;
}

export interface EraseParticipantQuery {
  /**
   * True keeps the facts under a random id and removes everything personal. False removes all rows of the participant.
   */
  anonymize?: boolean;
}

export interface ListParticipantsQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** Part of the id or the name, ignoring case. */
  search?: string | null;
  /** `part` finds `search` anywhere, `prefix` only at the beginning, which is faster. */
  match?: "part" | "prefix";
  /** The field to sort by; participants with equal values are sorted by their ids. */
  sort_by?:
    | "available_points"
    | "created_at"
    | "current_tier"
    | "display_name"
    | "last_seen_at"
    | "participant_id"
    | "total_events"
    | "total_points";
  /** Ascending or descending. */
  sort_order?: "asc" | "desc";
  /** The code of a tier: only participants who are in this tier now. */
  tier?: string | null;
  /** The code of a badge: only participants who have earned this badge. */
  badge?: string | null;
  /** true: only participants who are not anonymized; false: only anonymized ones. */
  is_active?: boolean | null;
  /** Only participants with activity at this time or later. */
  seen_since?: Moment | null;
}

export interface ParticipantHistoryQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** Only facts of these kinds, separated by commas. Without it, all facts. */
  kinds?: string | string[] | null;
}

export interface ListAuditLogQuery {
  /** The largest number of rows on the page. */
  page_size?: number;
  /** Only changes of this kind. */
  action?:
    | "anonymize"
    | "archive"
    | "assign_tier"
    | "award_badge"
    | "award_points"
    | "cancel_claim"
    | "capture_hold"
    | "change"
    | "claim_reward"
    | "create"
    | "deduct_points"
    | "delete"
    | "fulfil_claim"
    | "hold_points"
    | "join_challenge"
    | "leave_challenge"
    | "move_clock"
    | "record_event"
    | "record_streak"
    | "release_hold"
    | "resend"
    | "restore"
    | "reverse_points"
    | "revoke"
    | "revoke_badge"
    | "revoke_codes"
    | "rotate"
    | "save_profile"
    | "test"
    | "unarchive"
    | "upload_codes"
    | null;
  /** Only changes of things of this kind, such as `badge`. */
  kind?: string | null;
  /** Only changes of the thing with this code. */
  code?: string | null;
  /** Only changes made with this key. */
  key_id?: string | null;
  /** The time when it happened, by RFC 3339. A time without an offset is in UTC. */
  from?: Moment | null;
  /** The time when it happened, by RFC 3339. A time without an offset is in UTC. */
  to?: Moment | null;
}

export interface DailyStatisticsQuery {
  /** The first day, such as 2026-03-01. Default: 29 days before the last day. */
  from?: string | null;
  /** The last day. Default: today in the project's time zone. */
  to?: string | null;
}

export interface DailyStatisticsCsvQuery {
  /** The first day, such as 2026-03-01. Default: 29 days before the last day. */
  from?: string | null;
  /** The last day. Default: today in the project's time zone. */
  to?: string | null;
}
