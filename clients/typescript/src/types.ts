// Generated from the OpenAPI document by `make clients`. Do not edit.
/** The requests and responses, with the names of the API. Times are RFC 3339. */

/** A time in a request. */
export type Moment = string | Date;

export interface AdminClaim {
  claim_id: string;
  reward_id: string;
  reward_code: string;
  reward_name: string;
  reward_type: "coupon" | "digital" | "physical" | "points_multiplier" | "voucher";
  status: "cancelled" | "claimed" | "fulfilled";
  code_value: string | null;
  points_deducted: number;
  claimed_at: string;
  fulfilled_at: string | null;
  cancelled_at: string | null;
  participant_id: string;
}

export interface AdminClaimsAnswer {
  items: AdminClaim[];
  total: number;
  page: number;
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** Adds to an objective that counts or sums, the first one if none is named. */
export interface AdvanceChallenge {
  type: "advance_challenge";
  challenge_code: string;
  objective_code?: string | null;
  by?: number | string;
}

/**
 * `hint` is the beginning of the key. The key works until `expires_at` or `revoked_at`, whichever comes first.
 * `last_used_at` is the time of its last request, accurate to about a minute; null if no use has been recorded.
 */
export interface ApiKey {
  id: string;
  name: string;
  scope: "admin" | "gamify" | "gamify:admin" | "operator";
  hint: string;
  rate_limit: number | null;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
}

export interface ApiKeysAnswer {
  items: ApiKey[];
  total: number;
}

export interface AssignTierRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  tier_code: string;
  /** Shown in the transaction history. */
  reason?: string | null;
}

export interface AuditAnswer {
  items: AuditEntry[];
  total: number;
  page: number;
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/**
 * `before` and `after` hold the changed fields. `key_id` is null for changes made on the command line or with the key
 * in LAURELS_ADMIN_KEY. `object_id` is the id of the changed object; for a participant it is a random id.
 */
export interface AuditEntry {
  id: string;
  at: string;
  key_id: string | null;
  actor: string;
  request_id: string | null;
  action:
    | "anonymize"
    | "archive"
    | "cancel_claim"
    | "change"
    | "create"
    | "delete"
    | "fulfil_claim"
    | "move_clock"
    | "restore"
    | "revoke"
    | "revoke_badge"
    | "revoke_codes"
    | "rotate"
    | "unarchive"
    | "upload_codes";
  kind: string;
  object_id: string | null;
  code: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface AwardBadgeRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  badge_code: string;
  /** Anything of yours, kept with the fact: at most 65,536 bytes of JSON. */
  metadata?: Record<string, unknown> | null;
}

export interface AwardBatchAnswer {
  processed: number;
  failed: number;
  results: AwardBatchResult[];
}

/** 1 to 100 awards; each is judged by itself. */
export interface AwardBatchRequest {
  awards: AwardPointsRequest[];
}

/**
 * One item's outcome: a transaction, or the sentence that says why not, and its code. When the points expire is there
 * if that is not what was asked for; `idempotency_differs` names what the first request with this key had otherwise.
 */
export interface AwardBatchResult {
  participant_id: string | null;
  transaction_id?: string | null;
  new_balance?: number | null;
  error?: string | null;
  error_code?: string | null;
  expires_at?: string;
  requested_expires_at?: string;
  idempotency_differs?: string[];
}

/** `expires_at` or `expires_in_days`: at the end of the day so many days later, in the participant's time zone. */
export interface AwardPointsRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** Points, a whole number. */
  amount: number;
  /** Shown in the transaction history. */
  reason?: string | null;
  /** Anything of yours, kept with the fact: at most 65,536 bytes of JSON. */
  metadata?: Record<string, unknown> | null;
  /** Makes retries safe: the same key never acts twice for this participant and operation. */
  idempotency_key?: string | null;
  /** When it happened. RFC 3339; without an offset it is read as UTC. */
  timestamp?: Moment | null;
  /** When it ends. RFC 3339; without an offset it is read as UTC. */
  expires_at?: Moment | null;
  expires_in_days?: number | null;
}

export interface BadgeAwardedAnswer {
  participant_id: string;
  badge_code: string;
  badge_name: string;
  icon: string | null;
  rarity: string;
  earned_at: string;
  already_earned: boolean;
  effects?: Effects;
}

/** A badge. A hidden one is shown to those alone who have earned it. */
export interface BadgeDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active?: boolean | null;
  display_order?: number | null;
  name: string;
  description?: string | null;
  icon_url?: string | null;
  category?: string | null;
  rarity?: string | null;
  is_hidden?: boolean | null;
  /** A CEL expression over participant and now that earns the badge as soon as it holds. */
  criteria?: string | null;
}

/** A badge. A hidden one is shown to those alone who have earned it. */
export interface BadgeDefinitionAnswer {
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active: boolean;
  display_order: number;
  name: string;
  description: string | null;
  icon_url: string | null;
  category: string | null;
  rarity: string;
  is_hidden: boolean;
  /** A CEL expression over participant and now that earns the badge as soon as it holds. */
  criteria: string | null;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
}

export interface BadgeDefinitionList {
  items: BadgeDefinitionAnswer[];
  total: number;
  page: number;
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

export interface BadgeDefinitionPatch {
  is_active?: boolean;
  display_order?: number;
  name?: string;
  description?: string | null;
  icon_url?: string | null;
  category?: string | null;
  rarity?: string;
  is_hidden?: boolean;
  /** A CEL expression over participant and now that earns the badge as soon as it holds. */
  criteria?: string | null;
}

export interface BadgeEffect {
  badge_code: string;
  badge_name: string;
  icon: string | null;
  rarity: string;
  due_to: string | null;
}

export interface BadgeRevokedAnswer {
  participant_id: string;
  badge_code: string;
  badge_name: string;
  earned_at: string;
  revoked_at: string;
  effects?: Effects;
}

export interface BadgeSection {
  code: string;
  name: string;
  earned: boolean;
  earned_at: string | null;
}

export interface BadgeStatus {
  code: string;
  name: string;
  description: string | null;
  icon: string | null;
  rarity: string;
  earned: boolean;
  earned_at: string | null;
}

/** `total` and `earned_count` count all badges the participant can see, whatever was asked for. */
export interface BadgesAnswer {
  participant_id: string;
  badges: BadgeStatus[];
  total: number;
  earned_count: number;
}

/** `progress` is there while a new board is being filled from history: 0 to 1. */
export interface BoardAnswer {
  leaderboard_code: string;
  period: "all_time" | "daily" | "monthly" | "weekly" | "yearly";
  entries: BoardEntry[];
  total_participants: number;
  period_key: string | null;
  resets_at: string | null;
  progress?: number;
}

/**
 * `change` compares with the rank of the last full hour (daily boards) or the last midnight: null beyond rank 1,000 and
 * for past periods.
 */
export interface BoardEntry {
  rank: number;
  participant_id: string;
  score: number;
  change: "down" | "new" | "same" | "up" | null;
  display_name?: string | null;
  avatar_url?: string | null;
}

/** `return_item`: the code or the piece of stock can be claimed again, by anybody. */
export interface CancelClaimRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  claim_id: string;
  return_points?: boolean | null;
  return_item?: boolean | null;
  /** Shown in the transaction history. */
  reason?: string | null;
}

/** `amount`: all that is held unless given. The rest is released. */
export interface CaptureRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** Shown in the transaction history. */
  reason?: string | null;
  /** Anything of yours, kept with the fact: at most 65,536 bytes of JSON. */
  metadata?: Record<string, unknown> | null;
  /** Makes retries safe: the same key never acts twice for this participant and operation. */
  idempotency_key?: string | null;
  hold_id: string;
  /** Points, a whole number. */
  amount?: number | null;
}

/**
 * A challenge: objectives, and the actions for completing all of them. With a `period` it can be completed once in each
 * day, week or month of the participant's calendar; the last `late_periods` of them take late events.
 */
export interface ChallengeDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active?: boolean | null;
  display_order?: number | null;
  name: string;
  description?: string | null;
  icon_url?: string | null;
  join_type?: "automatic" | "manual" | null;
  is_repeatable?: boolean | null;
  starts_at?: Moment | null;
  ends_at?: Moment | null;
  duration_days?: number | null;
  period?: "daily" | "monthly" | "weekly" | null;
  late_periods?: number | null;
  objectives: ObjectiveDefinition[];
  milestones?: MilestoneDefinition[] | null;
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
 * A challenge: objectives, and the actions for completing all of them. With a `period` it can be completed once in each
 * day, week or month of the participant's calendar; the last `late_periods` of them take late events.
 */
export interface ChallengeDefinitionAnswer {
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active: boolean;
  display_order: number;
  name: string;
  description: string | null;
  icon_url: string | null;
  join_type: "automatic" | "manual";
  is_repeatable: boolean;
  starts_at: string | null;
  ends_at: string | null;
  duration_days: number | null;
  period: "daily" | "monthly" | "weekly" | null;
  late_periods: number | null;
  objectives: ObjectiveDefinition[];
  milestones: MilestoneDefinition[];
  actions: (GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward)[];
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
}

export interface ChallengeDefinitionList {
  items: ChallengeDefinitionAnswer[];
  total: number;
  page: number;
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

export interface ChallengeDefinitionPatch {
  is_active?: boolean;
  display_order?: number;
  name?: string;
  description?: string | null;
  icon_url?: string | null;
  join_type?: "automatic" | "manual";
  is_repeatable?: boolean;
  starts_at?: Moment | null;
  ends_at?: Moment | null;
  duration_days?: number | null;
  late_periods?: number | null;
  objectives?: ObjectiveDefinition[];
  milestones?: MilestoneDefinition[];
  actions?: (GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward)[];
}

/**
 * A challenge that the event moved: where it stands afterwards, and what was reached on the way. `completed` counts the
 * completions by this event.
 */
export interface ChallengeEffect {
  challenge_code: string;
  challenge_name: string;
  percent: number;
  joined: boolean;
  completed: number;
  milestones: number[];
}

/** `ends_at` is when the run ends, null if it has no end. `already_joined` if it was running before. */
export interface ChallengeJoinedAnswer {
  participant_id: string;
  challenge_code: string;
  challenge_name: string;
  joined_at: string;
  ends_at: string | null;
  already_joined: boolean;
}

export interface ChallengeLeftAnswer {
  participant_id: string;
  challenge_code: string;
  challenge_name: string;
  left_at: string;
}

export interface ChallengeShown {
  code: string;
  name: string;
  description: string | null;
  icon: string | null;
  join_type: "automatic" | "manual";
  is_repeatable: boolean;
  starts_at: string | null;
  ends_at: string | null;
  duration_days: number | null;
  period: "daily" | "monthly" | "weekly" | null;
  objectives: ObjectiveShown[];
  milestones: number[];
}

/**
 * A challenge as one participant stands in it. `ends_at` is when the participant's run ends, `percent` is rounded down.
 */
export interface ChallengeStatus {
  code: string;
  name: string;
  description: string | null;
  icon: string | null;
  status: "active" | "completed" | "expired" | "not_joined";
  percent: number;
  objectives: ObjectiveSummary[];
  milestones: MilestoneStatus[];
  join_type: "automatic" | "manual";
  is_repeatable: boolean;
  joined_at: string | null;
  ends_at: string | null;
  completed_at: string | null;
  completions: number;
}

export interface ChallengesAnswer {
  participant_id: string;
  challenges: ChallengeStatus[];
}

export interface ChallengesSection {
  active: number;
  completed: number;
}

export interface ChangeKeyRequest {
  /** A name by which you recognise the key later. */
  name?: string;
  /** Requests per second; null for the server's default, 0 for no limit. */
  rate_limit?: number | null;
}

export interface ChangeProjectRequest {
  name?: string;
  /** IANA name of the time zone in which the project's days and weeks begin. */
  time_zone?: string;
  first_day_of_week?: "friday" | "monday" | "saturday" | "sunday" | "thursday" | "tuesday" | "wednesday";
  /** Requests per second; null for the server's default, 0 for no limit. */
  rate_limit?: number | null;
  event_retention_days?: number | null;
  strict_fields?: boolean;
}

export interface ClaimAnswer {
  claim_id: string;
  reward_id: string;
  reward_code: string;
  reward_name: string;
  reward_type: "coupon" | "digital" | "physical" | "points_multiplier" | "voucher";
  status: "cancelled" | "claimed" | "fulfilled";
  code_value: string | null;
  points_deducted: number;
  claimed_at: string;
  fulfilled_at: string | null;
  cancelled_at: string | null;
}

export interface ClaimCancelledAnswer {
  claim_id: string;
  participant_id: string;
  reward_name: string;
  status: string;
  points_returned: number;
  item_returned: boolean;
  new_balance: number;
  cancelled_at: string;
  effects?: Effects;
}

export interface ClaimFulfilledAnswer {
  claim_id: string;
  participant_id: string;
  reward_name: string;
  status: string;
  fulfilled_at: string;
}

/** `points_deduction`: whether the claim costs the reward's `points_cost`; free otherwise. */
export interface ClaimRewardRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  points_deduction?: boolean | null;
  /** Makes retries safe: the same key never acts twice for this participant and operation. */
  idempotency_key?: string | null;
}

export interface ClaimsAnswer {
  participant_id: string;
  rewards: ClaimAnswer[];
  total: number;
  page: number;
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** `now` is the time of the project's clock. `offset_ms` is its distance from real time: how far it is ahead. */
export interface ClockAnswer {
  now: string;
  offset_ms: number;
  mode: "live" | "test";
  can_be_moved: boolean;
}

/**
 * `is_settled`: everything that came due has happened. Otherwise it was too much for one call, and continues in the
 * background.
 */
export interface ClockMovedAnswer {
  now: string;
  offset_ms: number;
  mode: "live" | "test";
  can_be_moved: boolean;
  is_settled: boolean;
}

export interface CodesAnswer {
  reward_id: string;
  total: number;
  available: number;
  claimed: number;
  revoked: number;
}

/**
 * A condition that was evaluated, and the values that it read, by name. `objective` is the code of a challenge's
 * objective. Missing values are left out; long values are shortened to a text.
 */
export interface ConditionShown {
  objective: string | null;
  expression: string;
  values: Record<string, unknown>;
}

/**
 * `version` is the version of the definition at that time. `conditions` are the conditions that were evaluated: the
 * condition of a rule, the criteria of a badge, or the conditions of a challenge's objectives.
 */
export interface ConsideredShown {
  code: string;
  name: string;
  version: number;
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
  reason: string;
  conditions: ConditionShown[];
}

export interface ContinueStreak {
  type: "record_streak";
  streak_code: string;
}

export interface CreateKeyRequest {
  scope?: "admin" | "gamify" | "gamify:admin" | "operator" | null;
  /** A name by which you recognise the key later. */
  name?: string | null;
  /** Requests per second; null for the server's default, 0 for no limit. */
  rate_limit?: number | null;
}

export interface CreateProjectRequest {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  name?: string | null;
  mode?: "live" | "test" | null;
  /** IANA name of the time zone in which the project's days and weeks begin. */
  time_zone?: string | null;
  first_day_of_week?: "friday" | "monday" | "saturday" | "sunday" | "thursday" | "tuesday" | "wednesday" | null;
  /** Requests per second; null for the server's default, 0 for no limit. */
  rate_limit?: number | null;
  /** Refuse unknown fields and parameters. By default, test projects refuse them, live ones do not. */
  strict_fields?: boolean | null;
}

export interface CurrentTier {
  code: string;
  name: string;
  level: number;
  color: string | null;
  achieved_at: string;
}

/**
 * Of one definition. `fired`: a rule acted, a challenge was completed, a badge earned, a tier reached or assigned, a
 * streak's period recorded, a reward claimed; `limited`: a cap reduced an award. Points are those that it brought or
 * took.
 */
export interface DefinitionTally {
  fired?: number;
  limited?: number;
  failed?: number;
  points_awarded?: number;
  points_deducted?: number;
}

export interface DueTo {
  kind: string;
  code: string;
}

/** Codes that were not added: given twice in the request, or there already. The first 100 are named. */
export interface DuplicateCodes {
  in_request: number;
  existing: number;
  examples: string[];
}

/**
 * How many points a participant is awarded at most in each day, week or month: by all awards together or, with a
 * `rule_code`, by that rule.
 */
export interface EarningCapDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active?: boolean | null;
  display_order?: number | null;
  name: string;
  description?: string | null;
  period: "day" | "month" | "week";
  points: number;
  /** A short name, unique among the definitions of its kind in the project. */
  rule_code?: string | null;
}

/**
 * How many points a participant is awarded at most in each day, week or month: by all awards together or, with a
 * `rule_code`, by that rule.
 */
export interface EarningCapDefinitionAnswer {
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active: boolean;
  display_order: number;
  name: string;
  description: string | null;
  period: "day" | "month" | "week";
  points: number;
  /** A short name, unique among the definitions of its kind in the project. */
  rule_code: string | null;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
}

export interface EarningCapDefinitionList {
  items: EarningCapDefinitionAnswer[];
  total: number;
  page: number;
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

export interface EarningCapDefinitionPatch {
  is_active?: boolean;
  display_order?: number;
  name?: string;
  description?: string | null;
  points?: number;
}

/** All that a command brought about beyond itself, in the order in which it happened. */
export interface Effects {
  points: PointsEffect[];
  tier_upgrade: TierUpgrade | null;
  streaks: StreakEffect[];
  challenges: ChallengeEffect[];
  badges: BadgeEffect[];
  rewards: RewardEffect[];
}

/** `anonymized_id` is the random id that now owns the remaining facts; null after a deletion. */
export interface ErasedAnswer {
  participant_id: string;
  anonymized: boolean;
  deleted: boolean;
  anonymized_id: string | null;
}

/**
 * The body of every error response. `detail` is for people. `code` is for programs and never changes its meaning;
 * docs/errors.md lists the codes. Only 422 has `errors`. Only 403 has `sufficient_scopes`: the key needs one of these
 * scopes.
 */
export interface ErrorBody {
  detail: string;
  code: string;
  errors?: FieldError[];
  sufficient_scopes?: string[];
}

export interface EventBatchAnswer {
  processed: number;
  failed: number;
  results: EventBatchResult[];
}

/** 1 to 100 events; each is judged by itself. */
export interface EventBatchRequest {
  events: EventRequest[];
}

/**
 * One item's outcome: what a single event answers, or the sentence that says why not, and its code.
 * `idempotency_differs` names what the first request with this key had otherwise.
 */
export interface EventBatchResult {
  participant_id: string | null;
  event_id?: string | null;
  fact_id?: string | null;
  status?: string | null;
  effects?: Effects | null;
  error?: string | null;
  error_code?: string | null;
  idempotency_differs?: string[];
}

export interface EventRecordedAnswer {
  event_id: string;
  fact_id: string;
  status: string;
  effects: Effects;
}

export interface EventRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** What happened, in your own words. 1 to 100 characters. */
  event_name: string;
  /** What rules, challenges and leaderboards may read: at most 65,536 bytes of JSON. */
  properties?: Record<string, unknown> | null;
  /** When it happened. RFC 3339; without an offset it is read as UTC. */
  timestamp?: Moment | null;
  /** Makes retries safe: the same key never acts twice for this participant and operation. */
  idempotency_key?: string | null;
}

export interface EventShown {
  id: string;
  event_name: string;
  properties: Record<string, unknown>;
  occurred_at: string;
}

/** `total` counts those that the filters let through. */
export interface EventsAnswer {
  participant_id: string;
  events: EventShown[];
  total: number;
  page: number;
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

/** `month` such as 2026-12; null for points that never expire. */
export interface ExpiringMonth {
  month: string | null;
  points: number;
}

/** The points that expire next, and when. */
export interface ExpiringPoints {
  points: number;
  expires_at: string;
}

/**
 * `facts` are all facts that were recorded together, beginning with their first cause. `rules`, `challenges` and
 * `badges` are the definitions that were considered, in the version `definitions_version`, which was live then. `note`
 * names the parts of the explanation that are no longer available.
 */
export interface ExplainAnswer {
  participant_id: string;
  event_id: string;
  recorded_at: string;
  definitions_version: number;
  facts: FactShown[];
  rules: ConsideredShown[];
  challenges: ConsideredShown[];
  badges: ConsideredShown[];
  note?: string | null;
}

/**
 * `stored` has a list for each kind of row. Rows are as they are in the database, with the code of their definition
 * added. `facts` are all facts of the participant, in their order.
 */
export interface ExportAnswer {
  participant_id: string;
  exported_at: string;
  stored: Record<string, Record<string, unknown>[]>;
}

/** `cause_id` is the fact that caused this one, `due_to` the rule or challenge through which it did. */
export interface FactShown {
  fact_id: string;
  kind: string;
  cause_id: string | null;
  due_to: DueTo | null;
  occurred_at: string;
  data: Record<string, unknown>;
}

/** What is wrong with one field of the request. `field` is a path such as `awards[3].amount`. */
export interface FieldError {
  field: string;
  message: string;
}

export interface FulfilClaimRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  claim_id: string;
  /** Shown in the transaction history. */
  reason?: string | null;
}

export interface GiveBadge {
  type: "award_badge";
  badge_code: string;
}

/** `reason` is shown in the transaction history; the rule's or challenge's name if there is none. */
export interface GivePoints {
  type: "award_points";
  amount: number | string;
  reason?: string | null;
  expires_in_days?: number | null;
}

/** A claim without a price, within the reward's own limits. */
export interface GrantReward {
  type: "grant_reward";
  reward_code: string;
}

export interface HoldAnswer {
  hold_id: string;
  amount: number;
  reason: string | null;
  held_at: string;
  expires_at: string;
}

export interface HoldCapturedAnswer {
  transaction_id: string;
  hold_id: string;
  participant_id: string;
  amount: number;
  released_amount: number;
  new_balance: number;
  effects?: Effects;
}

export interface HoldReleasedAnswer {
  hold_id: string;
  participant_id: string;
  amount: number;
  new_balance: number;
  effects?: Effects;
}

/** Ends at `expires_at` or after `expires_in_minutes`, an hour unless given. */
export interface HoldRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** Shown in the transaction history. */
  reason?: string | null;
  /** Anything of yours, kept with the fact: at most 65,536 bytes of JSON. */
  metadata?: Record<string, unknown> | null;
  /** Makes retries safe: the same key never acts twice for this participant and operation. */
  idempotency_key?: string | null;
  /** Points, a whole number. */
  amount: number;
  /** When it ends. RFC 3339; without an offset it is read as UTC. */
  expires_at?: Moment | null;
  expires_in_minutes?: number | null;
}

export interface HoldsAnswer {
  participant_id: string;
  held: number;
  holds: HoldAnswer[];
}

/** A board. All five time windows are kept; `time_window` is the one shown unless another is asked for. */
export interface LeaderboardDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active?: boolean | null;
  display_order?: number | null;
  name: string;
  description?: string | null;
  metric?: "event_count" | "event_sum" | "points_balance" | "points_earned" | null;
  /** What happened, in your own words. 1 to 100 characters. */
  event_name?: string | null;
  property?: string | null;
  time_window?: "all_time" | "daily" | "monthly" | "weekly" | "yearly" | null;
}

/** A board. All five time windows are kept; `time_window` is the one shown unless another is asked for. */
export interface LeaderboardDefinitionAnswer {
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active: boolean;
  display_order: number;
  name: string;
  description: string | null;
  metric: "event_count" | "event_sum" | "points_balance" | "points_earned";
  /** What happened, in your own words. 1 to 100 characters. */
  event_name: string | null;
  property: string | null;
  time_window: "all_time" | "daily" | "monthly" | "weekly" | "yearly";
  status: "filling" | "ready" | "retired" | "waiting";
  progress: number;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
}

export interface LeaderboardDefinitionList {
  items: LeaderboardDefinitionAnswer[];
  total: number;
  page: number;
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

export interface LeaderboardDefinitionPatch {
  is_active?: boolean;
  display_order?: number;
  name?: string;
  description?: string | null;
  metric?: "event_count" | "event_sum" | "points_balance" | "points_earned";
  /** What happened, in your own words. 1 to 100 characters. */
  event_name?: string | null;
  property?: string | null;
  time_window?: "all_time" | "daily" | "monthly" | "weekly" | "yearly";
}

/**
 * `outstanding` = `issued` − `spent` − `expired`: balances and held points. `breakage_percent` is the share of the
 * issued points that expired.
 */
export interface LiabilityAnswer {
  issued: number;
  spent: number;
  expired: number;
  held: number;
  outstanding: number;
  breakage_percent: number;
  by_expiry_month: ExpiringMonth[];
}

/** What is done on the way, when the challenge is done to so many percent. */
export interface MilestoneDefinition {
  percent: number;
  actions?: (GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward)[];
}

export interface MilestoneStatus {
  percent: number;
  reached: boolean;
}

/** The new time, or the number of seconds to advance: one of the two. */
export interface MoveClockRequest {
  /** The new time. Without an offset it is read as UTC. */
  now?: Moment | null;
  advance_seconds?: number | null;
}

/** What a reward of type `points_multiplier` gives: awards count so many times, for so long after the claim. */
export interface MultiplierConfig {
  multiplier: number;
  duration_hours: number;
}

/** What a reward of type `points_multiplier` gives: awards count so many times, for so long after the claim. */
export interface MultiplierConfigPatch {
  multiplier?: number;
  duration_hours?: number;
}

/** `key` is the key itself. It cannot be shown again. */
export interface NewApiKey {
  id: string;
  name: string;
  scope: "admin" | "gamify" | "gamify:admin" | "operator";
  hint: string;
  rate_limit: number | null;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  key: string;
}

/** `admin_key` is the project's first key, with the scope admin. */
export interface NewProject {
  code: string;
  name: string;
  mode: "live" | "test";
  time_zone: string;
  first_day_of_week: "friday" | "monday" | "saturday" | "sunday" | "thursday" | "tuesday" | "wednesday";
  rate_limit: number | null;
  event_retention_days: number | null;
  strict_fields: boolean;
  created_at: string;
  archived_at: string | null;
  admin_key: NewApiKey;
}

export interface NextTier {
  code: string;
  name: string;
  points_required: number;
  points_remaining: number;
}

/** What has to be done: so many events, a sum over a property of theirs, or so many different values of one. */
export interface ObjectiveDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  name?: string | null;
  /** What happened, in your own words. 1 to 100 characters. */
  event_name: string;
  /** A CEL expression over event, participant and now. */
  condition?: string | null;
  measure?: "count" | "distinct" | "sum";
  property?: string | null;
  target: number;
  requires?: string[];
}

export interface ObjectiveShown {
  code: string;
  name: string;
  event_name: string;
  measure: "count" | "distinct" | "sum";
  target: number;
}

/** `progress` and `target` in the unit of the objective: events, a sum, different values. */
export interface ObjectiveSummary {
  code: string;
  name: string;
  progress: number;
  target: number;
  is_complete: boolean;
}

export interface OpenChallengesAnswer {
  challenges: ChallengeShown[];
  total: number;
}

/** `total_points` are all points ever earned, `available_points` is the balance. */
export interface ParticipantListed {
  participant_id: string;
  display_name: string | null;
  avatar_url: string | null;
  total_points: number;
  available_points: number;
  current_tier: string | null;
  total_events: number;
  is_active: boolean;
  created_at: string;
  last_seen_at: string;
}

export interface ParticipantsAnswer {
  items: ParticipantListed[];
  total: number;
  page: number;
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

export interface ParticipationRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
}

export interface PointsAnswer {
  participant_id: string;
  balance: number;
  total_earned: number;
  total_spent: number;
  total_expired: number;
  held: number;
  next_expiry: ExpiringPoints | null;
}

/**
 * `amount` is what was credited. `base_amount` is there when that is not what was asked for, with the multiplier that
 * ran and the codes of the earning caps that reduced it. `requested_expires_at` is there when the points expire at the
 * end of that day, at `expires_at`, as the participant's points expire at too many different times already.
 */
export interface PointsAwardedAnswer {
  transaction_id: string;
  participant_id: string;
  amount: number;
  base_amount?: number;
  multiplier?: number;
  capped_by?: string[];
  new_balance: number;
  expires_at?: string;
  requested_expires_at?: string;
  tier_upgrade: TierUpgrade | null;
  effects?: Effects;
}

export interface PointsDeductedAnswer {
  transaction_id: string;
  participant_id: string;
  amount: number;
  new_balance: number;
  effects?: Effects;
}

/**
 * `amount` is negative for points taken. `due_to` is the code of the rule or challenge. When the points expire is there
 * if that is not what was asked for.
 */
export interface PointsEffect {
  transaction_id: string;
  amount: number;
  new_balance: number;
  reason: string | null;
  due_to: string | null;
  expires_at?: string;
  requested_expires_at?: string;
}

export interface PointsHeldAnswer {
  hold_id: string;
  participant_id: string;
  amount: number;
  new_balance: number;
  expires_at: string;
  effects?: Effects;
}

export interface PointsRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** Points, a whole number. */
  amount: number;
  /** Shown in the transaction history. */
  reason?: string | null;
  /** Anything of yours, kept with the fact: at most 65,536 bytes of JSON. */
  metadata?: Record<string, unknown> | null;
  /** Makes retries safe: the same key never acts twice for this participant and operation. */
  idempotency_key?: string | null;
  /** When it happened. RFC 3339; without an offset it is read as UTC. */
  timestamp?: Moment | null;
}

/** `left` is what of the transaction can still be reversed. */
export interface PointsReversedAnswer {
  transaction_id: string;
  reversed_transaction_id: string;
  participant_id: string;
  amount: number;
  left: number;
  new_balance: number;
  effects?: Effects;
}

export interface PointsSection {
  balance: number;
  total_earned: number;
  total_spent: number;
}

export interface ProfileAnswer {
  participant_id: string;
  display_name: string | null;
  avatar_url: string | null;
  attributes: Record<string, unknown>;
  points: PointsSection;
  tier: ProfileTier | null;
  badges: ProfileBadge[];
  streaks: ProfileStreaks | null;
  rewards_claimed: number;
  total_events: number;
  is_active: boolean;
  created_at: string;
  first_seen_at: string;
  last_seen_at: string;
}

export interface ProfileBadge {
  code: string;
  name: string;
  earned: boolean;
  earned_at: string | null;
  rarity: string;
}

export interface ProfileFields {
  display_name?: string | null;
  avatar_url?: string | null;
  /** Anything of yours. Merged into what is there; null removes. `timezone` is an IANA name. */
  attributes?: Record<string, unknown>;
}

export interface ProfileStreaks {
  current: number;
  longest: number;
  last_activity_at: string | null;
}

export interface ProfileTier {
  code: string;
  name: string;
  level: number;
  color: string | null;
  achieved_at: string;
  next_tier: NextTier | null;
}

/**
 * `time_zone` determines the beginning of days for participants without their own time zone. `rate_limit` is in
 * requests per second, for all keys together; null or 0 for no limit. `event_retention_days` is the number of days for
 * which the content of events is kept; null keeps it permanently. `strict_fields`: unknown fields and parameters are
 * refused, not ignored.
 */
export interface ProjectShown {
  code: string;
  name: string;
  mode: "live" | "test";
  time_zone: string;
  first_day_of_week: "friday" | "monday" | "saturday" | "sunday" | "thursday" | "tuesday" | "wednesday";
  rate_limit: number | null;
  event_retention_days: number | null;
  strict_fields: boolean;
  created_at: string;
  archived_at: string | null;
}

export interface ProjectsAnswer {
  items: ProjectShown[];
  total: number;
}

export interface PutInTier {
  type: "assign_tier";
  tier_code: string;
}

/**
 * Without a score in the period: `rank` and `percentile` are null and the score is 0. `progress` is there while a new
 * board is being filled from history, 0 to 1: then a rank is that of what has been counted.
 */
export interface RankAnswer {
  participant_id: string;
  rank: number | null;
  score: number;
  total_participants: number;
  percentile: number | null;
  progress?: number;
}

export interface RecordStreakRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  streak_code: string;
  /** When it happened. RFC 3339; without an offset it is read as UTC. */
  timestamp?: Moment | null;
}

export interface RegisterRequest {
  display_name?: string | null;
  avatar_url?: string | null;
  /** Anything of yours. Merged into what is there; null removes. `timezone` is an IANA name. */
  attributes?: Record<string, unknown> | null;
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
}

export interface ReleaseRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** Shown in the transaction history. */
  reason?: string | null;
  /** Anything of yours, kept with the fact: at most 65,536 bytes of JSON. */
  metadata?: Record<string, unknown> | null;
  /** Makes retries safe: the same key never acts twice for this participant and operation. */
  idempotency_key?: string | null;
  hold_id: string;
}

/** `amount`: a part; all that is left of the transaction unless given. */
export interface ReverseRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  /** Shown in the transaction history. */
  reason?: string | null;
  /** Anything of yours, kept with the fact: at most 65,536 bytes of JSON. */
  metadata?: Record<string, unknown> | null;
  /** Makes retries safe: the same key never acts twice for this participant and operation. */
  idempotency_key?: string | null;
  transaction_id: string;
  /** Points, a whole number. */
  amount?: number | null;
}

export interface RevokeBadgeRequest {
  /** Your application's own id of the user: 1 to 255 characters, no control characters. */
  participant_id: string;
  badge_code: string;
  /** Shown in the transaction history. */
  reason?: string | null;
}

/** `not_revoked` names the codes that are claimed, revoked already, or not of this reward. */
export interface RevokeCodesAnswer {
  reward_id: string;
  revoked: number;
  not_revoked: string[];
  available: number;
}

/** Those named, or all that are available. */
export interface RevokeCodesRequest {
  codes?: string[] | null;
  all_available?: boolean | null;
}

export interface RewardClaimedAnswer {
  claim_id: string;
  participant_id: string;
  reward_name: string;
  reward_type: string;
  code_value: string | null;
  points_deducted: number;
  new_balance: number;
  effects?: Effects;
}

/**
 * Something to claim. Null is no limit in `max_claims_per_user` and `total_inventory`. With `has_codes`, which coupons
 * have unless told otherwise, each claim is given one of the codes that were uploaded.
 */
export interface RewardDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code?: string | null;
  is_active?: boolean | null;
  display_order?: number | null;
  name: string;
  type: "coupon" | "digital" | "physical" | "points_multiplier" | "voucher";
  description?: string | null;
  points_cost?: number | null;
  max_claims_per_user?: number | null;
  total_inventory?: number | null;
  has_codes?: boolean | null;
  starts_at?: Moment | null;
  ends_at?: Moment | null;
  /** A short name, unique among the definitions of its kind in the project. */
  required_tier?: string | null;
  required_badges?: string[] | null;
  config?: MultiplierConfig | null;
}

/**
 * Something to claim. Null is no limit in `max_claims_per_user` and `total_inventory`. With `has_codes`, which coupons
 * have unless told otherwise, each claim is given one of the codes that were uploaded.
 */
export interface RewardDefinitionAnswer {
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active: boolean;
  display_order: number;
  name: string;
  type: "coupon" | "digital" | "physical" | "points_multiplier" | "voucher";
  description: string | null;
  points_cost: number;
  max_claims_per_user: number | null;
  total_inventory: number | null;
  has_codes: boolean | null;
  starts_at: string | null;
  ends_at: string | null;
  /** A short name, unique among the definitions of its kind in the project. */
  required_tier: string | null;
  required_badges: string[];
  config: MultiplierConfig | null;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
}

export interface RewardDefinitionList {
  items: RewardDefinitionAnswer[];
  total: number;
  page: number;
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

export interface RewardDefinitionPatch {
  is_active?: boolean;
  display_order?: number;
  name?: string;
  description?: string | null;
  points_cost?: number;
  max_claims_per_user?: number | null;
  total_inventory?: number | null;
  has_codes?: boolean | null;
  starts_at?: Moment | null;
  ends_at?: Moment | null;
  /** A short name, unique among the definitions of its kind in the project. */
  required_tier?: string | null;
  required_badges?: string[];
  config?: MultiplierConfigPatch | null;
}

export interface RewardEffect {
  claim_id: string;
  reward_code: string;
  reward_name: string;
  reward_type: string;
  code_value: string | null;
  due_to: string | null;
}

/**
 * A reward on offer. `available_codes` is null where claims are given no codes, `remaining_inventory` where there is no
 * limit. The last four come with `participant_id`: `reason` is null when the reward can be claimed now for its price,
 * `shortfall` the points that are missing for it.
 */
export interface RewardShown {
  id: string;
  code: string;
  name: string;
  type: "coupon" | "digital" | "physical" | "points_multiplier" | "voucher";
  description: string | null;
  points_cost: number;
  available_codes: number | null;
  remaining_inventory: number | null;
  max_claims_per_user: number | null;
  starts_at: string | null;
  ends_at: string | null;
  required_tier: string | null;
  required_badges: string[];
  multiplier: number | null;
  duration_hours: number | null;
  can_claim?: boolean;
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
  shortfall?: number;
  claims?: number;
}

export interface RewardsAnswer {
  rewards: RewardShown[];
  total: number;
}

export interface RewardsSection {
  total_claimed: number;
}

export interface RotateKeyRequest {
  /** The time for which the old key still works. */
  valid_hours?: number | null;
}

/** The new key. `replaces` is the old key, including the time at which it ends. */
export interface RotatedApiKey {
  id: string;
  name: string;
  scope: "admin" | "gamify" | "gamify:admin" | "operator";
  hint: string;
  rate_limit: number | null;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  key: string;
  replaces: ApiKey;
}

/** A rule: on an event, if the condition holds, do the actions. */
export interface RuleDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active?: boolean | null;
  display_order?: number | null;
  name: string;
  description?: string | null;
  /** What happened, in your own words. 1 to 100 characters. */
  event_name: string;
  /** A CEL expression over event, participant and now. */
  condition?: string | null;
  actions: (GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward)[];
  limit?: RuleLimit | null;
  starts_at?: Moment | null;
  ends_at?: Moment | null;
  priority?: number | null;
  group?: string | null;
}

/** A rule: on an event, if the condition holds, do the actions. */
export interface RuleDefinitionAnswer {
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active: boolean;
  display_order: number;
  name: string;
  description: string | null;
  /** What happened, in your own words. 1 to 100 characters. */
  event_name: string;
  /** A CEL expression over event, participant and now. */
  condition: string | null;
  actions: (GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward)[];
  limit: RuleLimit | null;
  starts_at: string | null;
  ends_at: string | null;
  priority: number;
  group: string | null;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
}

export interface RuleDefinitionList {
  items: RuleDefinitionAnswer[];
  total: number;
  page: number;
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

export interface RuleDefinitionPatch {
  is_active?: boolean;
  display_order?: number;
  name?: string;
  description?: string | null;
  /** What happened, in your own words. 1 to 100 characters. */
  event_name?: string;
  /** A CEL expression over event, participant and now. */
  condition?: string | null;
  actions?: (GivePoints | TakePoints | PutInTier | ContinueStreak | AdvanceChallenge | GiveBadge | GrantReward)[];
  limit?: RuleLimitPatch | null;
  starts_at?: Moment | null;
  ends_at?: Moment | null;
  priority?: number;
  group?: string | null;
}

/** How often a rule acts at most: for each participant, and for all together. */
export interface RuleLimit {
  per_participant?: RuleLimitPeriods | null;
  in_total?: RuleLimitPeriods | null;
}

/** How often a rule acts at most: for each participant, and for all together. */
export interface RuleLimitPatch {
  per_participant?: RuleLimitPeriodsPatch | null;
  in_total?: RuleLimitPeriodsPatch | null;
}

/** How often at most in each period; null is no limit. */
export interface RuleLimitPeriods {
  day?: number | null;
  week?: number | null;
  month?: number | null;
  ever?: number | null;
}

/** How often at most in each period; null is no limit. */
export interface RuleLimitPeriodsPatch {
  day?: number | null;
  week?: number | null;
  month?: number | null;
  ever?: number | null;
}

/**
 * `definitions` has the sections of a definitions file. A section replaces all definitions of its kind; kinds without a
 * section keep their live definitions. Leaderboards are not simulated.
 */
export interface SimulateRequest {
  definitions: Record<string, unknown>;
  /** The number of past days to simulate. */
  days?: number | null;
}

/**
 * The actual effects of one definition, and its effects in the simulation. `is_live` and `in_draft` show on which side
 * the definition exists.
 */
export interface SimulatedDefinition {
  kind: string;
  code: string;
  is_live: boolean;
  in_draft: boolean;
  live: DefinitionTally;
  draft: DefinitionTally;
}

export interface SimulatedPoints {
  awarded: number;
  deducted: number;
}

/** The participants who would now be in another tier, with the first of them as examples. */
export interface SimulatedTierChange {
  live_tier: string | null;
  draft_tier: string | null;
  participants: number;
  examples: string[];
}

/** One line of the response: progress from time to time, and the result or an error at the end. */
export interface SimulationLine {
  progress?: SimulationProgress;
  result?: SimulationResult;
  error?: string;
}

export interface SimulationProgress {
  participants_done: number;
  participants: number;
  events_done: number;
}

/**
 * The result of a simulation. `since` and `until` are the bounds of the simulated time. `refused` is the number of
 * commands that were accepted and would be refused. `forgotten_events` could not be decided again because their content
 * is no longer kept. `approximations` are reasons why the draft could have had other effects; without any, the result
 * is exact.
 */
export interface SimulationResult {
  since: string;
  until: string;
  participants: number;
  commands: number;
  events: number;
  refused: number;
  forgotten_events: number;
  approximations: ("forgotten_events" | "limits_in_total" | "older_facts" | "profiles" | "rewards")[];
  points_live: SimulatedPoints;
  points_draft: SimulatedPoints;
  definitions: SimulatedDefinition[];
  tier_changes: SimulatedTierChange[];
  seconds: number;
}

/** Only the sections asked for are there. */
export interface StateAnswer {
  participant_id: string;
  points?: PointsSection;
  tier?: TierSection | null;
  badges?: BadgeSection[];
  streaks?: StreaksSection;
  challenges?: ChallengesSection;
  rewards?: RewardsSection;
}

/** A streak. Grace is real hours after the end of the period in which the next record is due. */
export interface StreakDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active?: boolean | null;
  display_order?: number | null;
  name: string;
  description?: string | null;
  icon_url?: string | null;
  period: "daily" | "monthly" | "weekly";
  grace_period_hours?: number | null;
}

/** A streak. Grace is real hours after the end of the period in which the next record is due. */
export interface StreakDefinitionAnswer {
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active: boolean;
  display_order: number;
  name: string;
  description: string | null;
  icon_url: string | null;
  period: "daily" | "monthly" | "weekly";
  grace_period_hours: number;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
}

export interface StreakDefinitionList {
  items: StreakDefinitionAnswer[];
  total: number;
  page: number;
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

export interface StreakDefinitionPatch {
  is_active?: boolean;
  display_order?: number;
  name?: string;
  description?: string | null;
  icon_url?: string | null;
  grace_period_hours?: number;
}

export interface StreakEffect {
  streak_code: string;
  streak_name: string;
  new_count: number;
  due_to: string | null;
}

export interface StreakRecordedAnswer {
  streak_code: string;
  new_count: number;
  longest_count: number;
  is_new_record: boolean;
  already_recorded: boolean;
  effects?: Effects;
}

/**
 * `last_recorded_at` is the record that counted for the latest period. `is_at_risk` while the present period has not
 * been recorded; without a record before `expires_at` the streak lapses.
 */
export interface StreakStatus {
  code: string;
  name: string;
  current_count: number;
  longest_count: number;
  last_recorded_at: string | null;
  period: "daily" | "monthly" | "weekly";
  is_at_risk: boolean;
  expires_at: string | null;
}

export interface StreaksAnswer {
  participant_id: string;
  streaks: StreakStatus[];
}

export interface StreaksSection {
  current: number;
  longest: number;
}

export interface TakePoints {
  type: "deduct_points";
  amount: number | string;
  reason?: string | null;
}

export interface TierAnswer {
  participant_id: string;
  current_tier: CurrentTier | null;
  next_tier: NextTier | null;
  tier_history: TierPassedAnswer[];
}

export interface TierAssignedAnswer {
  participant_id: string;
  tier_code: string;
  tier_name: string;
  level: number;
  previous_code: string | null;
  previous_level: number | null;
  assigned_at: string;
  effects?: Effects;
}

/** `basis` chooses between all points ever earned (the default, which spending never lowers) and the balance. */
export interface TierCriteria {
  min_points: number;
  basis?: "balance" | "total_earned";
}

/** `basis` chooses between all points ever earned (the default, which spending never lowers) and the balance. */
export interface TierCriteriaPatch {
  min_points?: number;
  basis?: "balance" | "total_earned";
}

/** A tier. Automatic ones are reached by points, manual ones by assignment alone. */
export interface TierDefinition {
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active?: boolean | null;
  display_order?: number | null;
  name: string;
  /** Higher is better. */
  level: number;
  description?: string | null;
  color?: string | null;
  icon_url?: string | null;
  criteria_config?: TierCriteria | null;
  award_type?: "automatic" | "manual" | null;
  benefits?: string[] | null;
}

/** A tier. Automatic ones are reached by points, manual ones by assignment alone. */
export interface TierDefinitionAnswer {
  id: string;
  /** A short name, unique among the definitions of its kind in the project. */
  code: string;
  is_active: boolean;
  display_order: number;
  name: string;
  /** Higher is better. */
  level: number;
  description: string | null;
  color: string | null;
  icon_url: string | null;
  criteria_config: TierCriteria | null;
  award_type: "automatic" | "manual";
  benefits: string[];
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
}

export interface TierDefinitionList {
  items: TierDefinitionAnswer[];
  total: number;
  page: number;
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

export interface TierDefinitionPatch {
  is_active?: boolean;
  display_order?: number;
  name?: string;
  /** Higher is better. */
  level?: number;
  description?: string | null;
  color?: string | null;
  icon_url?: string | null;
  criteria_config?: TierCriteriaPatch | null;
  award_type?: "automatic" | "manual";
  benefits?: string[];
}

export interface TierPassedAnswer {
  code: string;
  achieved_at: string;
}

export interface TierSection {
  code: string;
  name: string;
  level: number;
}

/** The tier just reached and the one before it, if any. */
export interface TierUpgrade {
  code: string;
  name: string;
  level: number;
  previous_code: string | null;
  previous_level: number | null;
}

/**
 * `amount` is always positive; `type` says which way it went. What belongs to some types alone is left out of the
 * others.
 */
export interface TransactionAnswer {
  id: string;
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
  amount: number;
  balance_after: number;
  reason: string | null;
  metadata: Record<string, unknown> | null;
  created_at: string;
  expires_at?: string;
  requested_expires_at?: string;
  base_amount?: number;
  multiplier?: number;
  reverses?: string;
  hold_id?: string;
  reward_id?: string;
  claim_id?: string;
}

export interface TransactionsAnswer {
  participant_id: string;
  transactions: TransactionAnswer[];
  total: number;
  page: number;
  page_size: number;
  /** The value of `after` for the next page; null on the last page. */
  next_cursor: string | null;
}

export interface UploadCodesAnswer {
  reward_id: string;
  received: number;
  added: number;
  duplicates: DuplicateCodes;
  available: number;
}

export interface UploadCodesRequest {
  codes: string[];
}

/** `reads` are the variables, with the properties and attributes that can be told from the text. */
export interface ValidateExpressionAnswer {
  type: string;
  reads: string[];
}

/**
 * `use` is where the expression is to stand: a condition of a rule or an objective, an amount of an action, the
 * criteria of a badge.
 */
export interface ValidateExpressionRequest {
  expression: string;
  use?: "amount" | "condition" | "criteria" | null;
}

export interface ParticipantTransactionsQuery {
  page_size?: number;
}

export interface ListBadgesQuery {
  page_size?: number;
  is_active?: boolean | null;
  is_deleted?: boolean;
}

export interface ParticipantBadgesQuery {
  earned_only?: boolean;
  /** Codes, separated by commas. */
  badge_codes?: string | string[] | null;
}

export interface ListTiersQuery {
  page_size?: number;
  is_active?: boolean | null;
  is_deleted?: boolean;
}

export interface ListLeaderboardsQuery {
  page_size?: number;
  is_active?: boolean | null;
  is_deleted?: boolean;
}

export interface LeaderboardStandingsQuery {
  /** The board's own time window if omitted. */
  period?: "all_time" | "daily" | "monthly" | "weekly" | "yearly" | null;
  /** A past period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; the present one if omitted. */
  period_key?: string | null;
  limit?: number;
  /** Show the neighbours of this participant. */
  around?: string | null;
  /** `profile` adds names and avatars. */
  include?: string | null;
}

export interface ParticipantRankQuery {
  /** The board's own time window if omitted. */
  period?: "all_time" | "daily" | "monthly" | "weekly" | "yearly" | null;
  /** A past period, such as 2026-02-14, 2026-W07, 2026-02 or 2026; the present one if omitted. */
  period_key?: string | null;
}

export interface ListStreaksQuery {
  page_size?: number;
  is_active?: boolean | null;
  is_deleted?: boolean;
}

export interface ListRewardsQuery {
  page_size?: number;
  is_active?: boolean | null;
  is_deleted?: boolean;
}

export interface AvailableRewardsQuery {
  reward_type?: "coupon" | "digital" | "physical" | "points_multiplier" | "voucher" | null;
  /** Adds to each reward whether this participant can claim it now. */
  participant_id?: string | null;
}

export interface ParticipantClaimsQuery {
  page_size?: number;
}

export interface ListClaimsQuery {
  page_size?: number;
  status?: "cancelled" | "claimed" | "fulfilled" | null;
  /** A reward's id or code. */
  reward_id?: string | null;
}

export interface ListChallengesQuery {
  page_size?: number;
  is_active?: boolean | null;
  is_deleted?: boolean;
}

export interface ParticipantChallengesQuery {
  /** Only those that stand so for the participant. */
  status?: "active" | "completed" | "expired" | "not_joined" | null;
}

export interface ListRulesQuery {
  page_size?: number;
  is_active?: boolean | null;
  is_deleted?: boolean;
}

export interface ListEarningCapsQuery {
  page_size?: number;
  is_active?: boolean | null;
  is_deleted?: boolean;
}

export interface ParticipantEventsQuery {
  page_size?: number;
  /** What happened, in your own words. 1 to 100 characters. */
  event_name?: string | null;
  /** When it happened. RFC 3339; without an offset it is read as UTC. */
  from?: Moment | null;
  /** When it happened. RFC 3339; without an offset it is read as UTC. */
  to?: Moment | null;
}

export interface ParticipantStateQuery {
  /** Sections, separated by commas; all if omitted. */
  include?: string | ("points" | "tier" | "badges" | "streaks" | "challenges" | "rewards")[] | null;
}

export interface EraseParticipantQuery {
  anonymize?: boolean;
}

export interface ListParticipantsQuery {
  page_size?: number;
  /** Part of the id or the name, ignoring case. */
  search?: string | null;
  /** `part` finds `search` anywhere, `prefix` only at the beginning, which is faster. */
  match?: "part" | "prefix";
  sort_by?:
    | "available_points"
    | "created_at"
    | "current_tier"
    | "display_name"
    | "last_seen_at"
    | "participant_id"
    | "total_events"
    | "total_points";
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

export interface ListAuditLogQuery {
  page_size?: number;
  action?:
    | "anonymize"
    | "archive"
    | "cancel_claim"
    | "change"
    | "create"
    | "delete"
    | "fulfil_claim"
    | "move_clock"
    | "restore"
    | "revoke"
    | "revoke_badge"
    | "revoke_codes"
    | "rotate"
    | "unarchive"
    | "upload_codes"
    | null;
  kind?: string | null;
  code?: string | null;
  key_id?: string | null;
  /** When it happened. RFC 3339; without an offset it is read as UTC. */
  from?: Moment | null;
  /** When it happened. RFC 3339; without an offset it is read as UTC. */
  to?: Moment | null;
}
