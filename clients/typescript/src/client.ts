// Generated from the OpenAPI document by `make clients`. Do not edit.
/** The client: a method for each operation of the API. */

import type { Pages } from "./pages.js";
import { type CallOptions, Transport } from "./transport.js";
import type {
  AdminClaim,
  AdminClaimsAnswer,
  AmongRequest,
  ApiKey,
  ApiKeysAnswer,
  AssignTierRequest,
  AuditAnswer,
  AuditEntry,
  AvailableRewardsQuery,
  AwardBadgeRequest,
  AwardBatchAnswer,
  AwardBatchRequest,
  AwardPointsRequest,
  BadgeAwardedAnswer,
  BadgeDefinition,
  BadgeDefinitionAnswer,
  BadgeDefinitionList,
  BadgeDefinitionPatch,
  BadgeRevokedAnswer,
  BadgesAnswer,
  BoardAnswer,
  CancelClaimRequest,
  CaptureRequest,
  ChallengeDefinition,
  ChallengeDefinitionAnswer,
  ChallengeDefinitionList,
  ChallengeDefinitionPatch,
  ChallengeJoinedAnswer,
  ChallengeLeftAnswer,
  ChallengesAnswer,
  ChangeKeyRequest,
  ChangeProjectRequest,
  ClaimAnswer,
  ClaimCancelledAnswer,
  ClaimFulfilledAnswer,
  ClaimRewardRequest,
  ClaimsAnswer,
  ClockAnswer,
  ClockMovedAnswer,
  CodesAnswer,
  CreateKeyRequest,
  CreateProjectRequest,
  DailyStatisticsCsvQuery,
  DailyStatisticsQuery,
  DeliveriesAnswer,
  Delivery,
  EarningCapDefinition,
  EarningCapDefinitionAnswer,
  EarningCapDefinitionList,
  EarningCapDefinitionPatch,
  EraseParticipantQuery,
  ErasedAnswer,
  EventBatchAnswer,
  EventBatchRequest,
  EventRecordedAnswer,
  EventRequest,
  EventShown,
  EventsAnswer,
  ExplainAnswer,
  ExportAnswer,
  FeedAnswer,
  FulfilClaimRequest,
  FunnelAnswer,
  HistoryAnswer,
  HistoryFact,
  HoldCapturedAnswer,
  HoldReleasedAnswer,
  HoldRequest,
  HoldsAnswer,
  LeaderboardDefinition,
  LeaderboardDefinitionAnswer,
  LeaderboardDefinitionList,
  LeaderboardDefinitionPatch,
  LeaderboardStandingsQuery,
  LiabilityAnswer,
  ListAuditLogQuery,
  ListBadgesQuery,
  ListChallengesQuery,
  ListClaimsQuery,
  ListEarningCapsQuery,
  ListLeaderboardsQuery,
  ListParticipantsQuery,
  ListRewardsQuery,
  ListRulesQuery,
  ListStreaksQuery,
  ListTiersQuery,
  ListWebhookDeliveriesQuery,
  ListWebhooksQuery,
  LostStreaksAnswer,
  MoveClockRequest,
  NewApiKey,
  NewProject,
  OpenChallengesAnswer,
  ParticipantBadgesQuery,
  ParticipantChallengesQuery,
  ParticipantClaimsQuery,
  ParticipantEventsQuery,
  ParticipantHistoryQuery,
  ParticipantListed,
  ParticipantRankQuery,
  ParticipantRanksAnswer,
  ParticipantStateQuery,
  ParticipantTransactionsQuery,
  ParticipantsAnswer,
  ParticipationRequest,
  PointsAnswer,
  PointsAwardedAnswer,
  PointsDeductedAnswer,
  PointsHeldAnswer,
  PointsRequest,
  PointsReversedAnswer,
  ProfileAnswer,
  ProfileFields,
  ProjectShown,
  ProjectsAnswer,
  RankAnswer,
  ReadFeedQuery,
  RecordStreakRequest,
  RegisterRequest,
  ReleaseRequest,
  ResendAnswer,
  ResendRequest,
  ReverseRequest,
  RevokeBadgeRequest,
  RevokeCodesAnswer,
  RevokeCodesRequest,
  RewardClaimedAnswer,
  RewardDefinition,
  RewardDefinitionAnswer,
  RewardDefinitionList,
  RewardDefinitionPatch,
  RewardsAnswer,
  RotateKeyRequest,
  RotateSecretRequest,
  RotatedApiKey,
  RotatedSecret,
  RuleDefinition,
  RuleDefinitionAnswer,
  RuleDefinitionList,
  RuleDefinitionPatch,
  SessionEnded,
  SessionShown,
  SimulateRequest,
  SimulationLine,
  StateAnswer,
  StatisticsAnswer,
  StreakDefinition,
  StreakDefinitionAnswer,
  StreakDefinitionList,
  StreakDefinitionPatch,
  StreakRecordedAnswer,
  StreaksAnswer,
  TierAnswer,
  TierAssignedAnswer,
  TierDefinition,
  TierDefinitionAnswer,
  TierDefinitionList,
  TierDefinitionPatch,
  TransactionAnswer,
  TransactionsAnswer,
  TransactionsCsvQuery,
  UploadCodesAnswer,
  UploadCodesRequest,
  ValidateExpressionAnswer,
  ValidateExpressionRequest,
  VariablesAnswer,
  WebhookDefinition,
  WebhookDefinitionAnswer,
  WebhookDefinitionList,
  WebhookDefinitionPatch,
} from "./types.js";

/**
 * The client.
 *
 * All methods throw LaurelsError: RefusedError for an error response, UnreachableError without a response. Calls that
 * can be repeated safely are retried after connection errors, 429 and 503. Calls that take an idempotency key get one,
 * so that they can be repeated.
 */
export class Laurels extends Transport {
  /**
   * Award points.
   *
   * Raises the balance and `total_earned`, then judges the automatic tiers. Creates the participant if needed. If the
   * participant's points already have 1,000 different expiry times, the new points expire at the end of the requested
   * day, and the response shows this. If they have 5,000, an award that expires is refused. `amount` in the response is
   * the credited amount. Multipliers and earning caps can change it; the requested amount is then `base_amount`.
   */
  awardPoints(body: AwardPointsRequest, options?: CallOptions): Promise<PointsAwardedAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/points/award", body, isKeyed: true }, options);
  }

  /**
   * Deduct points.
   *
   * Lowers the balance, but never below zero, and raises `total_spent`. Tiers do not change.
   */
  deductPoints(body: PointsRequest, options?: CallOptions): Promise<PointsDeductedAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/points/deduct", body, isKeyed: true }, options);
  }

  /**
   * Award points to up to 100 participants.
   *
   * Returns 200 with one result for each award, in order. A refused award does not affect the others. Idempotency keys
   * belong in the items.
   */
  awardPointsBatch(body: AwardBatchRequest, options?: CallOptions): Promise<AwardBatchAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/points/award-batch", body, keyedItems: "awards" }, options);
  }

  /**
   * Balance of a participant.
   *
   * `balance` is always `total_earned` − `total_spent` − `total_expired` − `held`.
   */
  participantPoints(participantId: string, options?: CallOptions): Promise<PointsAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/participants/{participant_id}/points",
        segments: { participant_id: participantId },
      },
      options,
    );
  }

  /**
   * Transaction history of a participant.
   *
   * Transactions in the order in which they took effect, newest first. `created_at` is the time when they happened.
   */
  participantTransactions(
    participantId: string,
    query?: ParticipantTransactionsQuery,
    options?: CallOptions,
  ): Pages<TransactionsAnswer, TransactionAnswer> {
    return this.listed(
      {
        method: "GET",
        path: "/api/v1/gamify/participants/{participant_id}/points/transactions",
        segments: { participant_id: participantId },
        query,
      },
      (response) => response.transactions,
      options,
    );
  }

  /**
   * Reverse a transaction.
   *
   * Reverses an award, a deduction or a capture, whole or in parts, each point once. An award can be reversed only
   * while its points are available. Tiers do not change.
   */
  reverseTransaction(body: ReverseRequest, options?: CallOptions): Promise<PointsReversedAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/points/reverse", body, isKeyed: true }, options);
  }

  /**
   * Hold points.
   *
   * Sets points aside: they leave the balance, and only a capture of the hold can spend them. They return to the
   * balance when the hold is released or expires.
   */
  holdPoints(body: HoldRequest, options?: CallOptions): Promise<PointsHeldAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/points/hold", body, isKeyed: true }, options);
  }

  /**
   * Capture a hold.
   *
   * Spends held points and releases the rest.
   */
  captureHold(body: CaptureRequest, options?: CallOptions): Promise<HoldCapturedAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/points/capture", body, isKeyed: true }, options);
  }

  /**
   * Release a hold.
   *
   * Returns all held points to the balance. Points whose expiry has passed meanwhile expire at once.
   */
  releaseHold(body: ReleaseRequest, options?: CallOptions): Promise<HoldReleasedAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/points/release", body, isKeyed: true }, options);
  }

  /**
   * Open holds of a participant.
   *
   * The open holds; the first to end comes first.
   */
  participantHolds(participantId: string, options?: CallOptions): Promise<HoldsAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/participants/{participant_id}/points/holds",
        segments: { participant_id: participantId },
      },
      options,
    );
  }

  /**
   * Points that the project owes.
   *
   * Sums over all participants, including anonymized ones. Held points do not expire while they are held.
   */
  pointsLiability(options?: CallOptions): Promise<LiabilityAnswer> {
    return this.run({ method: "GET", path: "/api/v1/gamify/admin/liability" }, options);
  }

  /**
   * All transactions between two days as CSV.
   *
   * Returns each transaction of all participants, in the order in which they were recorded. The response is sent while
   * it is read from the database. Texts that a spreadsheet would take for a formula begin with an apostrophe.
   */
  transactionsCsv(query: TransactionsCsvQuery, options?: CallOptions): Promise<string> {
    return this.run({ method: "GET", path: "/api/v1/gamify/admin/transactions.csv", query, isText: true }, options);
  }

  /**
   * List badges.
   *
   * The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.
   */
  listBadges(query?: ListBadgesQuery, options?: CallOptions): Pages<BadgeDefinitionList, BadgeDefinitionAnswer> {
    return this.listed(
      { method: "GET", path: "/api/v1/gamify/admin/badges", query },
      (response) => response.items,
      options,
    );
  }

  /**
   * Create a badge.
   *
   * Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of a
   * deleted one restores the deleted definition, with its id and its history, and changes it to the new content.
   */
  createBadge(body: BadgeDefinition, options?: CallOptions): Promise<BadgeDefinitionAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/badges", body }, options);
  }

  /**
   * Get a badge.
   *
   * The definition with this id or code, unless it is deleted.
   */
  getBadge(badgeId: string, options?: CallOptions): Promise<BadgeDefinitionAnswer> {
    return this.run(
      { method: "GET", path: "/api/v1/gamify/admin/badges/{badge_id}", segments: { badge_id: badgeId } },
      options,
    );
  }

  /**
   * Change a badge.
   *
   * Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be the
   * definition as a response shows it. Read-only fields must then have their current values. This includes
   * `updated_at`, so sending it protects against overwriting somebody else's change.
   */
  updateBadge(badgeId: string, body: BadgeDefinitionPatch, options?: CallOptions): Promise<BadgeDefinitionAnswer> {
    return this.run(
      { method: "PATCH", path: "/api/v1/gamify/admin/badges/{badge_id}", segments: { badge_id: badgeId }, body },
      options,
    );
  }

  /**
   * Delete a badge.
   *
   * The definition stops working and disappears from the lists, but histories still show it. Its code stays reserved:
   * creating a definition with the same code restores it.
   */
  deleteBadge(badgeId: string, options?: CallOptions): Promise<BadgeDefinitionAnswer> {
    return this.run(
      { method: "DELETE", path: "/api/v1/gamify/admin/badges/{badge_id}", segments: { badge_id: badgeId } },
      options,
    );
  }

  /**
   * Restore a badge.
   *
   * Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
   * leaderboards: their scores are computed again.
   */
  restoreBadge(badgeId: string, options?: CallOptions): Promise<BadgeDefinitionAnswer> {
    return this.run(
      { method: "POST", path: "/api/v1/gamify/admin/badges/{badge_id}/restore", segments: { badge_id: badgeId } },
      options,
    );
  }

  /**
   * Award a badge.
   *
   * Awards a badge. A badge is earned once: awarding it again changes nothing, and returns the time when it was earned.
   */
  awardBadge(body: AwardBadgeRequest, options?: CallOptions): Promise<BadgeAwardedAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/badges/award", body }, options);
  }

  /**
   * Take a badge away.
   *
   * Takes a badge away from a participant. The journal keeps both facts. The badge can be earned again.
   */
  revokeBadge(body: RevokeBadgeRequest, options?: CallOptions): Promise<BadgeRevokedAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/badges/revoke", body }, options);
  }

  /**
   * Badges of a participant.
   *
   * Returns all badges that the participant can see, earned or not, in display order.
   */
  participantBadges(
    participantId: string,
    query?: ParticipantBadgesQuery,
    options?: CallOptions,
  ): Promise<BadgesAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/participants/{participant_id}/badges",
        segments: { participant_id: participantId },
        query,
      },
      options,
    );
  }

  /**
   * List tiers.
   *
   * The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.
   */
  listTiers(query?: ListTiersQuery, options?: CallOptions): Pages<TierDefinitionList, TierDefinitionAnswer> {
    return this.listed(
      { method: "GET", path: "/api/v1/gamify/admin/tiers", query },
      (response) => response.items,
      options,
    );
  }

  /**
   * Create a tier.
   *
   * Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of a
   * deleted one restores the deleted definition, with its id and its history, and changes it to the new content.
   */
  createTier(body: TierDefinition, options?: CallOptions): Promise<TierDefinitionAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/tiers", body }, options);
  }

  /**
   * Get a tier.
   *
   * The definition with this id or code, unless it is deleted.
   */
  getTier(tierId: string, options?: CallOptions): Promise<TierDefinitionAnswer> {
    return this.run(
      { method: "GET", path: "/api/v1/gamify/admin/tiers/{tier_id}", segments: { tier_id: tierId } },
      options,
    );
  }

  /**
   * Change a tier.
   *
   * Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be the
   * definition as a response shows it. Read-only fields must then have their current values. This includes
   * `updated_at`, so sending it protects against overwriting somebody else's change.
   */
  updateTier(tierId: string, body: TierDefinitionPatch, options?: CallOptions): Promise<TierDefinitionAnswer> {
    return this.run(
      { method: "PATCH", path: "/api/v1/gamify/admin/tiers/{tier_id}", segments: { tier_id: tierId }, body },
      options,
    );
  }

  /**
   * Delete a tier.
   *
   * The definition stops working and disappears from the lists, but histories still show it. Its code stays reserved:
   * creating a definition with the same code restores it.
   */
  deleteTier(tierId: string, options?: CallOptions): Promise<TierDefinitionAnswer> {
    return this.run(
      { method: "DELETE", path: "/api/v1/gamify/admin/tiers/{tier_id}", segments: { tier_id: tierId } },
      options,
    );
  }

  /**
   * Restore a tier.
   *
   * Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
   * leaderboards: their scores are computed again.
   */
  restoreTier(tierId: string, options?: CallOptions): Promise<TierDefinitionAnswer> {
    return this.run(
      { method: "POST", path: "/api/v1/gamify/admin/tiers/{tier_id}/restore", segments: { tier_id: tierId } },
      options,
    );
  }

  /**
   * Put a participant into a tier.
   *
   * Assigns a tier, which may be higher or lower than the current one. The participant stays in it until points reach a
   * threshold above the points at this time.
   */
  assignTier(body: AssignTierRequest, options?: CallOptions): Promise<TierAssignedAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/tiers/assign", body }, options);
  }

  /**
   * Tier of a participant.
   *
   * Returns the current tier, the next tier that points can reach, and the tier history with the last 1,000 changes,
   * oldest first.
   */
  participantTier(participantId: string, options?: CallOptions): Promise<TierAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/participants/{participant_id}/tier",
        segments: { participant_id: participantId },
      },
      options,
    );
  }

  /**
   * List leaderboards.
   *
   * The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.
   */
  listLeaderboards(
    query?: ListLeaderboardsQuery,
    options?: CallOptions,
  ): Pages<LeaderboardDefinitionList, LeaderboardDefinitionAnswer> {
    return this.listed(
      { method: "GET", path: "/api/v1/gamify/admin/leaderboards", query },
      (response) => response.items,
      options,
    );
  }

  /**
   * Create a leaderboard.
   *
   * Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of a
   * deleted one restores the deleted definition, with its id and its history, and changes it to the new content.
   */
  createLeaderboard(body: LeaderboardDefinition, options?: CallOptions): Promise<LeaderboardDefinitionAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/leaderboards", body }, options);
  }

  /**
   * Get a leaderboard.
   *
   * The definition with this id or code, unless it is deleted.
   */
  getLeaderboard(leaderboardId: string, options?: CallOptions): Promise<LeaderboardDefinitionAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/admin/leaderboards/{leaderboard_id}",
        segments: { leaderboard_id: leaderboardId },
      },
      options,
    );
  }

  /**
   * Change a leaderboard.
   *
   * Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be the
   * definition as a response shows it. Read-only fields must then have their current values. This includes
   * `updated_at`, so sending it protects against overwriting somebody else's change.
   */
  updateLeaderboard(
    leaderboardId: string,
    body: LeaderboardDefinitionPatch,
    options?: CallOptions,
  ): Promise<LeaderboardDefinitionAnswer> {
    return this.run(
      {
        method: "PATCH",
        path: "/api/v1/gamify/admin/leaderboards/{leaderboard_id}",
        segments: { leaderboard_id: leaderboardId },
        body,
      },
      options,
    );
  }

  /**
   * Delete a leaderboard.
   *
   * The definition stops working and disappears from the lists, but histories still show it. Its code stays reserved:
   * creating a definition with the same code restores it.
   */
  deleteLeaderboard(leaderboardId: string, options?: CallOptions): Promise<LeaderboardDefinitionAnswer> {
    return this.run(
      {
        method: "DELETE",
        path: "/api/v1/gamify/admin/leaderboards/{leaderboard_id}",
        segments: { leaderboard_id: leaderboardId },
      },
      options,
    );
  }

  /**
   * Restore a leaderboard.
   *
   * Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
   * leaderboards: their scores are computed again.
   */
  restoreLeaderboard(leaderboardId: string, options?: CallOptions): Promise<LeaderboardDefinitionAnswer> {
    return this.run(
      {
        method: "POST",
        path: "/api/v1/gamify/admin/leaderboards/{leaderboard_id}/restore",
        segments: { leaderboard_id: leaderboardId },
      },
      options,
    );
  }

  /**
   * Top of a leaderboard.
   *
   * The first `limit` places of a period, the places around a participant, or a ranking among some participants. Ties
   * share a rank (1, 1, 3) and are listed in the order of the time at which they reached the score.
   */
  leaderboardStandings(code: string, query?: LeaderboardStandingsQuery, options?: CallOptions): Promise<BoardAnswer> {
    return this.run(
      { method: "GET", path: "/api/v1/gamify/leaderboards/{code}", segments: { code: code }, query },
      options,
    );
  }

  /**
   * Ranking among some participants.
   *
   * The same as `?among=`, for up to 500 participants in the request body. `rank` is the place among them,
   * `global_rank` the place on the whole board.
   */
  leaderboardAmong(code: string, body: AmongRequest, options?: CallOptions): Promise<BoardAnswer> {
    return this.run(
      { method: "POST", path: "/api/v1/gamify/leaderboards/{code}/among", segments: { code: code }, body },
      options,
    );
  }

  /**
   * Rank of a participant.
   *
   * `percentile` is the share of the board that the participant is ahead of.
   */
  participantRank(
    code: string,
    participantId: string,
    query?: ParticipantRankQuery,
    options?: CallOptions,
  ): Promise<RankAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/leaderboards/{code}/rank/{participant_id}",
        segments: { code: code, participant_id: participantId },
        query,
      },
      options,
    );
  }

  /**
   * Ranks of a participant in all windows.
   *
   * The participant's rank in the current period of each time window that the board keeps, and in each season.
   */
  participantRanks(code: string, participantId: string, options?: CallOptions): Promise<ParticipantRanksAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/leaderboards/{code}/ranks/{participant_id}",
        segments: { code: code, participant_id: participantId },
      },
      options,
    );
  }

  /**
   * List streaks.
   *
   * The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.
   */
  listStreaks(query?: ListStreaksQuery, options?: CallOptions): Pages<StreakDefinitionList, StreakDefinitionAnswer> {
    return this.listed(
      { method: "GET", path: "/api/v1/gamify/admin/streaks", query },
      (response) => response.items,
      options,
    );
  }

  /**
   * Create a streak.
   *
   * Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of a
   * deleted one restores the deleted definition, with its id and its history, and changes it to the new content.
   */
  createStreak(body: StreakDefinition, options?: CallOptions): Promise<StreakDefinitionAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/streaks", body }, options);
  }

  /**
   * Get a streak.
   *
   * The definition with this id or code, unless it is deleted.
   */
  getStreak(streakId: string, options?: CallOptions): Promise<StreakDefinitionAnswer> {
    return this.run(
      { method: "GET", path: "/api/v1/gamify/admin/streaks/{streak_id}", segments: { streak_id: streakId } },
      options,
    );
  }

  /**
   * Change a streak.
   *
   * Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be the
   * definition as a response shows it. Read-only fields must then have their current values. This includes
   * `updated_at`, so sending it protects against overwriting somebody else's change.
   */
  updateStreak(streakId: string, body: StreakDefinitionPatch, options?: CallOptions): Promise<StreakDefinitionAnswer> {
    return this.run(
      { method: "PATCH", path: "/api/v1/gamify/admin/streaks/{streak_id}", segments: { streak_id: streakId }, body },
      options,
    );
  }

  /**
   * Delete a streak.
   *
   * The definition stops working and disappears from the lists, but histories still show it. Its code stays reserved:
   * creating a definition with the same code restores it.
   */
  deleteStreak(streakId: string, options?: CallOptions): Promise<StreakDefinitionAnswer> {
    return this.run(
      { method: "DELETE", path: "/api/v1/gamify/admin/streaks/{streak_id}", segments: { streak_id: streakId } },
      options,
    );
  }

  /**
   * Restore a streak.
   *
   * Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
   * leaderboards: their scores are computed again.
   */
  restoreStreak(streakId: string, options?: CallOptions): Promise<StreakDefinitionAnswer> {
    return this.run(
      { method: "POST", path: "/api/v1/gamify/admin/streaks/{streak_id}/restore", segments: { streak_id: streakId } },
      options,
    );
  }

  /**
   * Record an activity.
   *
   * Records an activity, which counts once per period. `new_count` is the length of the streak that the record belongs
   * to, also for a late record.
   */
  recordStreak(body: RecordStreakRequest, options?: CallOptions): Promise<StreakRecordedAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/streaks/record", body }, options);
  }

  /**
   * Streaks of a participant.
   *
   * Returns all active streaks, including those without records, and inactive ones with records. A lapsed streak has a
   * count of 0.
   */
  participantStreaks(participantId: string, options?: CallOptions): Promise<StreaksAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/participants/{participant_id}/streaks",
        segments: { participant_id: participantId },
      },
      options,
    );
  }

  /**
   * Lost streaks of a participant.
   *
   * Returns the streaks that lapsed, the latest first. A late record that repairs a streak removes it from this list.
   */
  lostStreaks(participantId: string, options?: CallOptions): Promise<LostStreaksAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/participants/{participant_id}/streaks/lost",
        segments: { participant_id: participantId },
      },
      options,
    );
  }

  /**
   * List rewards.
   *
   * The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.
   */
  listRewards(query?: ListRewardsQuery, options?: CallOptions): Pages<RewardDefinitionList, RewardDefinitionAnswer> {
    return this.listed(
      { method: "GET", path: "/api/v1/gamify/admin/rewards", query },
      (response) => response.items,
      options,
    );
  }

  /**
   * Create a reward.
   *
   * Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of a
   * deleted one restores the deleted definition, with its id and its history, and changes it to the new content.
   */
  createReward(body: RewardDefinition, options?: CallOptions): Promise<RewardDefinitionAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/rewards", body }, options);
  }

  /**
   * Get a reward.
   *
   * The definition with this id or code, unless it is deleted.
   */
  getReward(rewardId: string, options?: CallOptions): Promise<RewardDefinitionAnswer> {
    return this.run(
      { method: "GET", path: "/api/v1/gamify/admin/rewards/{reward_id}", segments: { reward_id: rewardId } },
      options,
    );
  }

  /**
   * Change a reward.
   *
   * Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be the
   * definition as a response shows it. Read-only fields must then have their current values. This includes
   * `updated_at`, so sending it protects against overwriting somebody else's change.
   */
  updateReward(rewardId: string, body: RewardDefinitionPatch, options?: CallOptions): Promise<RewardDefinitionAnswer> {
    return this.run(
      { method: "PATCH", path: "/api/v1/gamify/admin/rewards/{reward_id}", segments: { reward_id: rewardId }, body },
      options,
    );
  }

  /**
   * Delete a reward.
   *
   * The definition stops working and disappears from the lists, but histories still show it. Its code stays reserved:
   * creating a definition with the same code restores it.
   */
  deleteReward(rewardId: string, options?: CallOptions): Promise<RewardDefinitionAnswer> {
    return this.run(
      { method: "DELETE", path: "/api/v1/gamify/admin/rewards/{reward_id}", segments: { reward_id: rewardId } },
      options,
    );
  }

  /**
   * Restore a reward.
   *
   * Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
   * leaderboards: their scores are computed again.
   */
  restoreReward(rewardId: string, options?: CallOptions): Promise<RewardDefinitionAnswer> {
    return this.run(
      { method: "POST", path: "/api/v1/gamify/admin/rewards/{reward_id}/restore", segments: { reward_id: rewardId } },
      options,
    );
  }

  /**
   * Rewards on offer.
   *
   * Returns the active rewards that can be claimed now or later, in display order. An unknown participant has no
   * points.
   */
  availableRewards(query?: AvailableRewardsQuery, options?: CallOptions): Promise<RewardsAnswer> {
    return this.run({ method: "GET", path: "/api/v1/gamify/rewards", query }, options);
  }

  /**
   * Claim a reward.
   *
   * Claims a reward, by its id or code. The claim takes an item of the inventory and a code, if the reward has them,
   * and the points, if requested. A refused claim takes nothing. Creates the participant if needed.
   */
  claimReward(rewardId: string, body: ClaimRewardRequest, options?: CallOptions): Promise<RewardClaimedAnswer> {
    return this.run(
      {
        method: "POST",
        path: "/api/v1/gamify/rewards/{reward_id}/claim",
        segments: { reward_id: rewardId },
        body,
        isKeyed: true,
      },
      options,
    );
  }

  /**
   * Claims of a participant.
   *
   * Returns the claims of a participant, newest first, with their codes.
   */
  participantClaims(
    participantId: string,
    query?: ParticipantClaimsQuery,
    options?: CallOptions,
  ): Pages<ClaimsAnswer, ClaimAnswer> {
    return this.listed(
      {
        method: "GET",
        path: "/api/v1/gamify/participants/{participant_id}/rewards",
        segments: { participant_id: participantId },
        query,
      },
      (response) => response.rewards,
      options,
    );
  }

  /**
   * List claims.
   *
   * Returns the claims of the project, newest first. `status=claimed` selects claims that are still to be fulfilled.
   */
  listClaims(query?: ListClaimsQuery, options?: CallOptions): Pages<AdminClaimsAnswer, AdminClaim> {
    return this.listed(
      { method: "GET", path: "/api/v1/gamify/admin/claims", query },
      (response) => response.items,
      options,
    );
  }

  /**
   * Mark a claim as fulfilled.
   *
   * Marks a claim as fulfilled, for rewards that have to be sent or provided after the claim. A fulfilled claim can no
   * longer be cancelled.
   */
  fulfilClaim(body: FulfilClaimRequest, options?: CallOptions): Promise<ClaimFulfilledAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/claims/fulfil", body }, options);
  }

  /**
   * Cancel a claim.
   *
   * Cancels a claim. By default, this returns the points, and makes the code or the item of the inventory available to
   * others. A running multiplier ends.
   */
  cancelClaim(body: CancelClaimRequest, options?: CallOptions): Promise<ClaimCancelledAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/claims/cancel", body }, options);
  }

  /**
   * Upload codes.
   *
   * Uploads codes for a reward, as JSON, or as `text/csv` with a code in the first column of each line; a first line
   * `code` is a heading. Existing codes stay unchanged, and are reported. An upload with an invalid code is refused as
   * a whole.
   */
  uploadRewardCodes(rewardId: string, body: UploadCodesRequest, options?: CallOptions): Promise<UploadCodesAnswer> {
    return this.run(
      {
        method: "POST",
        path: "/api/v1/gamify/admin/rewards/{reward_id}/codes",
        segments: { reward_id: rewardId },
        body,
      },
      options,
    );
  }

  /**
   * Count codes.
   *
   * Returns the number of a reward's codes, in total and by status.
   */
  countRewardCodes(rewardId: string, options?: CallOptions): Promise<CodesAnswer> {
    return this.run(
      { method: "GET", path: "/api/v1/gamify/admin/rewards/{reward_id}/codes", segments: { reward_id: rewardId } },
      options,
    );
  }

  /**
   * Revoke unused codes.
   *
   * Revokes available codes, so that no claim receives them. Claimed codes stay with their claims.
   */
  revokeRewardCodes(rewardId: string, body: RevokeCodesRequest, options?: CallOptions): Promise<RevokeCodesAnswer> {
    return this.run(
      {
        method: "POST",
        path: "/api/v1/gamify/admin/rewards/{reward_id}/codes/revoke",
        segments: { reward_id: rewardId },
        body,
      },
      options,
    );
  }

  /**
   * List challenges.
   *
   * The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.
   */
  listChallenges(
    query?: ListChallengesQuery,
    options?: CallOptions,
  ): Pages<ChallengeDefinitionList, ChallengeDefinitionAnswer> {
    return this.listed(
      { method: "GET", path: "/api/v1/gamify/admin/challenges", query },
      (response) => response.items,
      options,
    );
  }

  /**
   * Create a challenge.
   *
   * Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of a
   * deleted one restores the deleted definition, with its id and its history, and changes it to the new content.
   */
  createChallenge(body: ChallengeDefinition, options?: CallOptions): Promise<ChallengeDefinitionAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/challenges", body }, options);
  }

  /**
   * Get a challenge.
   *
   * The definition with this id or code, unless it is deleted.
   */
  getChallenge(challengeId: string, options?: CallOptions): Promise<ChallengeDefinitionAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/admin/challenges/{challenge_id}",
        segments: { challenge_id: challengeId },
      },
      options,
    );
  }

  /**
   * Change a challenge.
   *
   * Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be the
   * definition as a response shows it. Read-only fields must then have their current values. This includes
   * `updated_at`, so sending it protects against overwriting somebody else's change.
   */
  updateChallenge(
    challengeId: string,
    body: ChallengeDefinitionPatch,
    options?: CallOptions,
  ): Promise<ChallengeDefinitionAnswer> {
    return this.run(
      {
        method: "PATCH",
        path: "/api/v1/gamify/admin/challenges/{challenge_id}",
        segments: { challenge_id: challengeId },
        body,
      },
      options,
    );
  }

  /**
   * Delete a challenge.
   *
   * The definition stops working and disappears from the lists, but histories still show it. Its code stays reserved:
   * creating a definition with the same code restores it.
   */
  deleteChallenge(challengeId: string, options?: CallOptions): Promise<ChallengeDefinitionAnswer> {
    return this.run(
      {
        method: "DELETE",
        path: "/api/v1/gamify/admin/challenges/{challenge_id}",
        segments: { challenge_id: challengeId },
      },
      options,
    );
  }

  /**
   * Restore a challenge.
   *
   * Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
   * leaderboards: their scores are computed again.
   */
  restoreChallenge(challengeId: string, options?: CallOptions): Promise<ChallengeDefinitionAnswer> {
    return this.run(
      {
        method: "POST",
        path: "/api/v1/gamify/admin/challenges/{challenge_id}/restore",
        segments: { challenge_id: challengeId },
      },
      options,
    );
  }

  /**
   * Open challenges.
   *
   * Returns the active challenges that are open now or later, in display order.
   */
  openChallenges(options?: CallOptions): Promise<OpenChallengesAnswer> {
    return this.run({ method: "GET", path: "/api/v1/gamify/challenges" }, options);
  }

  /**
   * Challenges of a participant.
   *
   * Returns the active challenges that are open now or later, and all challenges that the participant ever joined, in
   * display order.
   */
  participantChallenges(
    participantId: string,
    query?: ParticipantChallengesQuery,
    options?: CallOptions,
  ): Promise<ChallengesAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/participants/{participant_id}/challenges",
        segments: { participant_id: participantId },
        query,
      },
      options,
    );
  }

  /**
   * Join a challenge.
   *
   * Joins a challenge, which begins a run. Joining again during the run changes nothing. Creates the participant if
   * needed.
   */
  joinChallenge(code: string, body: ParticipationRequest, options?: CallOptions): Promise<ChallengeJoinedAnswer> {
    return this.run(
      { method: "POST", path: "/api/v1/gamify/challenges/{code}/join", segments: { code: code }, body },
      options,
    );
  }

  /**
   * Leave a challenge.
   *
   * Leaves a challenge, which ends the run. Joining again begins a new run.
   */
  leaveChallenge(code: string, body: ParticipationRequest, options?: CallOptions): Promise<ChallengeLeftAnswer> {
    return this.run(
      { method: "POST", path: "/api/v1/gamify/challenges/{code}/leave", segments: { code: code }, body },
      options,
    );
  }

  /**
   * The progress of all participants in a challenge.
   *
   * Returns how many participants have joined the challenge, begun it, come to a quarter, half and three quarters, and
   * completed it. Anonymized participants are included.
   */
  challengeFunnel(code: string, options?: CallOptions): Promise<FunnelAnswer> {
    return this.run(
      { method: "GET", path: "/api/v1/gamify/admin/challenges/{code}/funnel", segments: { code: code } },
      options,
    );
  }

  /**
   * List rules.
   *
   * The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.
   */
  listRules(query?: ListRulesQuery, options?: CallOptions): Pages<RuleDefinitionList, RuleDefinitionAnswer> {
    return this.listed(
      { method: "GET", path: "/api/v1/gamify/admin/rules", query },
      (response) => response.items,
      options,
    );
  }

  /**
   * Create a rule.
   *
   * Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of a
   * deleted one restores the deleted definition, with its id and its history, and changes it to the new content.
   */
  createRule(body: RuleDefinition, options?: CallOptions): Promise<RuleDefinitionAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/rules", body }, options);
  }

  /**
   * Get a rule.
   *
   * The definition with this id or code, unless it is deleted.
   */
  getRule(ruleId: string, options?: CallOptions): Promise<RuleDefinitionAnswer> {
    return this.run(
      { method: "GET", path: "/api/v1/gamify/admin/rules/{rule_id}", segments: { rule_id: ruleId } },
      options,
    );
  }

  /**
   * Change a rule.
   *
   * Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be the
   * definition as a response shows it. Read-only fields must then have their current values. This includes
   * `updated_at`, so sending it protects against overwriting somebody else's change.
   */
  updateRule(ruleId: string, body: RuleDefinitionPatch, options?: CallOptions): Promise<RuleDefinitionAnswer> {
    return this.run(
      { method: "PATCH", path: "/api/v1/gamify/admin/rules/{rule_id}", segments: { rule_id: ruleId }, body },
      options,
    );
  }

  /**
   * Delete a rule.
   *
   * The definition stops working and disappears from the lists, but histories still show it. Its code stays reserved:
   * creating a definition with the same code restores it.
   */
  deleteRule(ruleId: string, options?: CallOptions): Promise<RuleDefinitionAnswer> {
    return this.run(
      { method: "DELETE", path: "/api/v1/gamify/admin/rules/{rule_id}", segments: { rule_id: ruleId } },
      options,
    );
  }

  /**
   * Restore a rule.
   *
   * Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
   * leaderboards: their scores are computed again.
   */
  restoreRule(ruleId: string, options?: CallOptions): Promise<RuleDefinitionAnswer> {
    return this.run(
      { method: "POST", path: "/api/v1/gamify/admin/rules/{rule_id}/restore", segments: { rule_id: ruleId } },
      options,
    );
  }

  /**
   * Validate an expression.
   *
   * Returns the type of an expression and the variables that it reads. Saves nothing. An expression that is invalid in
   * a definition is refused here with the same message.
   */
  validateExpression(body: ValidateExpressionRequest, options?: CallOptions): Promise<ValidateExpressionAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/rules/validate", body }, options);
  }

  /**
   * Variables of expressions.
   *
   * Returns the variables that expressions can read, with their types. Editors complete expressions by them.
   */
  listVariables(options?: CallOptions): Promise<VariablesAnswer> {
    return this.run({ method: "GET", path: "/api/v1/gamify/admin/expressions" }, options);
  }

  /**
   * List earning caps.
   *
   * The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.
   */
  listEarningCaps(
    query?: ListEarningCapsQuery,
    options?: CallOptions,
  ): Pages<EarningCapDefinitionList, EarningCapDefinitionAnswer> {
    return this.listed(
      { method: "GET", path: "/api/v1/gamify/admin/earning-caps", query },
      (response) => response.items,
      options,
    );
  }

  /**
   * Create an earning cap.
   *
   * Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of a
   * deleted one restores the deleted definition, with its id and its history, and changes it to the new content.
   */
  createEarningCap(body: EarningCapDefinition, options?: CallOptions): Promise<EarningCapDefinitionAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/earning-caps", body }, options);
  }

  /**
   * Get an earning cap.
   *
   * The definition with this id or code, unless it is deleted.
   */
  getEarningCap(earningCapId: string, options?: CallOptions): Promise<EarningCapDefinitionAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/admin/earning-caps/{earning_cap_id}",
        segments: { earning_cap_id: earningCapId },
      },
      options,
    );
  }

  /**
   * Change an earning cap.
   *
   * Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be the
   * definition as a response shows it. Read-only fields must then have their current values. This includes
   * `updated_at`, so sending it protects against overwriting somebody else's change.
   */
  updateEarningCap(
    earningCapId: string,
    body: EarningCapDefinitionPatch,
    options?: CallOptions,
  ): Promise<EarningCapDefinitionAnswer> {
    return this.run(
      {
        method: "PATCH",
        path: "/api/v1/gamify/admin/earning-caps/{earning_cap_id}",
        segments: { earning_cap_id: earningCapId },
        body,
      },
      options,
    );
  }

  /**
   * Delete an earning cap.
   *
   * The definition stops working and disappears from the lists, but histories still show it. Its code stays reserved:
   * creating a definition with the same code restores it.
   */
  deleteEarningCap(earningCapId: string, options?: CallOptions): Promise<EarningCapDefinitionAnswer> {
    return this.run(
      {
        method: "DELETE",
        path: "/api/v1/gamify/admin/earning-caps/{earning_cap_id}",
        segments: { earning_cap_id: earningCapId },
      },
      options,
    );
  }

  /**
   * Restore an earning cap.
   *
   * Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
   * leaderboards: their scores are computed again.
   */
  restoreEarningCap(earningCapId: string, options?: CallOptions): Promise<EarningCapDefinitionAnswer> {
    return this.run(
      {
        method: "POST",
        path: "/api/v1/gamify/admin/earning-caps/{earning_cap_id}/restore",
        segments: { earning_cap_id: earningCapId },
      },
      options,
    );
  }

  /**
   * Record an event.
   *
   * Records an event. Everything that the event sets off happens in the same transaction, and is listed in `effects`.
   * Creates the participant if needed.
   */
  recordEvent(body: EventRequest, options?: CallOptions): Promise<EventRecordedAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/events", body, isKeyed: true }, options);
  }

  /**
   * Record up to 100 events.
   *
   * Records events. Returns 200 with one result for each event, in the same order; a refused event does not affect the
   * others. Idempotency keys are fields of the items.
   */
  recordEventBatch(body: EventBatchRequest, options?: CallOptions): Promise<EventBatchAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/events/batch", body, keyedItems: "events" }, options);
  }

  /**
   * Event history of a participant.
   *
   * Returns the events of a participant, the latest first, by the time when they occurred.
   */
  participantEvents(
    participantId: string,
    query?: ParticipantEventsQuery,
    options?: CallOptions,
  ): Pages<EventsAnswer, EventShown> {
    return this.listed(
      {
        method: "GET",
        path: "/api/v1/gamify/participants/{participant_id}/events",
        segments: { participant_id: participantId },
        query,
      },
      (response) => response.events,
      options,
    );
  }

  /**
   * Explain the consequences of an event.
   *
   * Shows all facts that an event caused, and the definitions that were considered. The id may also be that of another
   * fact, such as a transaction; the response then explains all facts that were recorded together with it.
   */
  explainEvent(participantId: string, eventId: string, options?: CallOptions): Promise<ExplainAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/participants/{participant_id}/events/{event_id}/explain",
        segments: { participant_id: participantId, event_id: eventId },
      },
      options,
    );
  }

  /**
   * Read the feed.
   *
   * The events after a cursor, in an order that never changes. Nothing is skipped: read on with the `cursor` of each
   * response. The first call begins the feed of the project: it has the events of every request that is sent after its
   * response. If nobody reads it for as long as events are kept, the feed ends.
   */
  readFeed(query?: ReadFeedQuery, options?: CallOptions): Promise<FeedAnswer> {
    return this.run({ method: "GET", path: "/api/v1/gamify/feed", query }, options);
  }

  /**
   * List webhooks.
   *
   * The definitions in display order. With `is_deleted=true`, the deleted definitions, which can be restored.
   */
  listWebhooks(
    query?: ListWebhooksQuery,
    options?: CallOptions,
  ): Pages<WebhookDefinitionList, WebhookDefinitionAnswer> {
    return this.listed(
      { method: "GET", path: "/api/v1/gamify/admin/webhooks", query },
      (response) => response.items,
      options,
    );
  }

  /**
   * Create a webhook.
   *
   * Unknown fields are refused, so that misspelt names do not pass unnoticed. Creating a definition with the code of a
   * deleted one restores the deleted definition, with its id and its history, and changes it to the new content.
   */
  createWebhook(body: WebhookDefinition, options?: CallOptions): Promise<WebhookDefinitionAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/webhooks", body }, options);
  }

  /**
   * Get a webhook.
   *
   * The definition with this id or code, unless it is deleted.
   */
  getWebhook(webhookId: string, options?: CallOptions): Promise<WebhookDefinitionAnswer> {
    return this.run(
      { method: "GET", path: "/api/v1/gamify/admin/webhooks/{webhook_id}", segments: { webhook_id: webhookId } },
      options,
    );
  }

  /**
   * Change a webhook.
   *
   * Fields in the body replace the current values; objects are merged. The code cannot be changed. The body may be the
   * definition as a response shows it. Read-only fields must then have their current values. This includes
   * `updated_at`, so sending it protects against overwriting somebody else's change.
   */
  updateWebhook(
    webhookId: string,
    body: WebhookDefinitionPatch,
    options?: CallOptions,
  ): Promise<WebhookDefinitionAnswer> {
    return this.run(
      {
        method: "PATCH",
        path: "/api/v1/gamify/admin/webhooks/{webhook_id}",
        segments: { webhook_id: webhookId },
        body,
      },
      options,
    );
  }

  /**
   * Delete a webhook.
   *
   * The definition stops working and disappears from the lists, but histories still show it. Its code stays reserved:
   * creating a definition with the same code restores it.
   */
  deleteWebhook(webhookId: string, options?: CallOptions): Promise<WebhookDefinitionAnswer> {
    return this.run(
      { method: "DELETE", path: "/api/v1/gamify/admin/webhooks/{webhook_id}", segments: { webhook_id: webhookId } },
      options,
    );
  }

  /**
   * Restore a webhook.
   *
   * Restores a deleted definition as it was. Activity from the time while it was deleted is not counted, except on
   * leaderboards: their scores are computed again.
   */
  restoreWebhook(webhookId: string, options?: CallOptions): Promise<WebhookDefinitionAnswer> {
    return this.run(
      {
        method: "POST",
        path: "/api/v1/gamify/admin/webhooks/{webhook_id}/restore",
        segments: { webhook_id: webhookId },
      },
      options,
    );
  }

  /**
   * Replace the secret of a webhook.
   *
   * Returns a new secret. Requests have a signature of each valid secret: set the new one in the receiver before the
   * old one ends. All requests that begin after the response, which takes 1 second, are signed with the new secret.
   * This is also the way to get the secret of a webhook from a definitions file.
   */
  rotateWebhookSecret(webhookId: string, body: RotateSecretRequest, options?: CallOptions): Promise<RotatedSecret> {
    return this.run(
      {
        method: "POST",
        path: "/api/v1/gamify/admin/webhooks/{webhook_id}/rotate",
        segments: { webhook_id: webhookId },
        body,
      },
      options,
    );
  }

  /**
   * Send a test event.
   *
   * Sends an event of the type `webhook.tested` to this webhook alone, whatever its types are. Read the delivery to see
   * the result.
   */
  testWebhook(webhookId: string, options?: CallOptions): Promise<Delivery> {
    return this.run(
      { method: "POST", path: "/api/v1/gamify/admin/webhooks/{webhook_id}/test", segments: { webhook_id: webhookId } },
      options,
    );
  }

  /**
   * List the deliveries of a webhook.
   *
   * The deliveries with their attempts, latest first. They are kept as long as the events of the feed.
   */
  listWebhookDeliveries(
    webhookId: string,
    query?: ListWebhookDeliveriesQuery,
    options?: CallOptions,
  ): Pages<DeliveriesAnswer, Delivery> {
    return this.listed(
      {
        method: "GET",
        path: "/api/v1/gamify/admin/webhooks/{webhook_id}/deliveries",
        segments: { webhook_id: webhookId },
        query,
      },
      (response) => response.items,
      options,
    );
  }

  /**
   * Get a delivery.
   *
   * One delivery with its attempts.
   */
  getWebhookDelivery(webhookId: string, deliveryNumber: string, options?: CallOptions): Promise<Delivery> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/admin/webhooks/{webhook_id}/deliveries/{delivery_number}",
        segments: { webhook_id: webhookId, delivery_number: deliveryNumber },
      },
      options,
    );
  }

  /**
   * Send an event again.
   *
   * Creates a further delivery of the same event, with the same id, at once and outside the order of the participant's
   * events.
   */
  resendWebhookDelivery(webhookId: string, deliveryNumber: string, options?: CallOptions): Promise<Delivery> {
    return this.run(
      {
        method: "POST",
        path: "/api/v1/gamify/admin/webhooks/{webhook_id}/deliveries/{delivery_number}/resend",
        segments: { webhook_id: webhookId, delivery_number: deliveryNumber },
      },
      options,
    );
  }

  /**
   * Send all events since a time again.
   *
   * Sends all events of the webhook's types that the feed got since then, as far as it keeps them, also those from
   * before the webhook was created. They have the same ids and further delivery numbers.
   */
  resendWebhookEvents(webhookId: string, body: ResendRequest, options?: CallOptions): Promise<ResendAnswer> {
    return this.run(
      {
        method: "POST",
        path: "/api/v1/gamify/admin/webhooks/{webhook_id}/resend",
        segments: { webhook_id: webhookId },
        body,
      },
      options,
    );
  }

  /**
   * Simulate draft definitions on past activity.
   *
   * Decides the commands of the last days again with the draft definitions, without writing anything. The response is
   * one JSON object per line: progress from time to time, and the result at the end. Each server process runs one
   * simulation per project at a time.
   */
  simulateDefinitions(body: SimulateRequest, options?: CallOptions): AsyncGenerator<SimulationLine, void, undefined> {
    return this.lines({ method: "POST", path: "/api/v1/gamify/admin/simulate", body }, options);
  }

  /**
   * Register a participant.
   *
   * Registers a participant and returns 201, or updates the given fields of a known participant and returns 200. Fields
   * that are null are ignored. Registration is optional: the first award also registers a participant.
   */
  registerParticipant(body: RegisterRequest, options?: CallOptions): Promise<ProfileAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/participants", body }, options);
  }

  /**
   * Profile of a participant.
   *
   * Returns the profile of a participant, with points, badges, streaks and the next tier.
   */
  getParticipant(participantId: string, options?: CallOptions): Promise<ProfileAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/participants/{participant_id}",
        segments: { participant_id: participantId },
      },
      options,
    );
  }

  /**
   * Change a participant's profile.
   *
   * Changes a profile. Given fields are replaced, and null clears a field; attributes are merged, and null removes an
   * attribute (JSON Merge Patch).
   */
  updateParticipant(participantId: string, body: ProfileFields, options?: CallOptions): Promise<ProfileAnswer> {
    return this.run(
      {
        method: "PATCH",
        path: "/api/v1/gamify/participants/{participant_id}",
        segments: { participant_id: participantId },
        body,
      },
      options,
    );
  }

  /**
   * Selected sections of a participant's state.
   *
   * Returns the sections named in `include`, or all sections.
   */
  participantState(participantId: string, query?: ParticipantStateQuery, options?: CallOptions): Promise<StateAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/participants/{participant_id}/state",
        segments: { participant_id: participantId },
        query,
      },
      options,
    );
  }

  /**
   * Delete or anonymize a participant.
   *
   * `anonymize=true` keeps the facts under a random id and clears all personal data. Otherwise every row of the
   * participant is removed. Neither can be undone. If the participant has more than 10,000 facts, they are cleared or
   * removed step by step after the response; they cannot be read in the meantime.
   */
  eraseParticipant(participantId: string, query?: EraseParticipantQuery, options?: CallOptions): Promise<ErasedAnswer> {
    return this.run(
      {
        method: "DELETE",
        path: "/api/v1/gamify/admin/participants/{participant_id}",
        segments: { participant_id: participantId },
        query,
      },
      options,
    );
  }

  /**
   * List participants.
   *
   * The participants, with optional search, filters and order. Participants with equal values are sorted by id. Strings
   * are sorted by code point, ignoring case. Points that expired within the last minute may still be counted.
   */
  listParticipants(query?: ListParticipantsQuery, options?: CallOptions): Pages<ParticipantsAnswer, ParticipantListed> {
    return this.listed(
      { method: "GET", path: "/api/v1/gamify/admin/participants", query },
      (response) => response.items,
      options,
    );
  }

  /**
   * Export all stored data of a participant.
   *
   * All stored data of one participant, for example to fulfil a person's request for it. The response is streamed.
   */
  exportParticipant(participantId: string, options?: CallOptions): Promise<ExportAnswer> {
    return this.run(
      {
        method: "GET",
        path: "/api/v1/gamify/admin/participants/{participant_id}/export",
        segments: { participant_id: participantId },
      },
      options,
    );
  }

  /**
   * History of a participant.
   *
   * Returns all facts of a participant, the latest first: points, events, badges, tiers, streaks, challenges, claims
   * and changes of the profile. The facts of administrators and of the console have their authors.
   */
  participantHistory(
    participantId: string,
    query?: ParticipantHistoryQuery,
    options?: CallOptions,
  ): Pages<HistoryAnswer, HistoryFact> {
    return this.listed(
      {
        method: "GET",
        path: "/api/v1/gamify/admin/participants/{participant_id}/history",
        segments: { participant_id: participantId },
        query,
      },
      (response) => response.facts,
      options,
    );
  }

  /**
   * Get the time of the project's clock.
   *
   * The clock of a live project shows real time.
   */
  getClock(options?: CallOptions): Promise<ClockAnswer> {
    return this.run({ method: "GET", path: "/api/v1/gamify/admin/clock" }, options);
  }

  /**
   * Move a test project's clock forward.
   *
   * The clock continues from the new time, on all servers. Everything that comes due in between happens before the
   * response: points and holds expire, and ranks are recorded.
   */
  moveClock(body: MoveClockRequest, options?: CallOptions): Promise<ClockMovedAnswer> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/clock", body }, options);
  }

  /**
   * List the projects.
   *
   * All projects, including archived ones, sorted by code.
   */
  listProjects(options?: CallOptions): Promise<ProjectsAnswer> {
    return this.run({ method: "GET", path: "/api/v1/gamify/admin/projects" }, options);
  }

  /**
   * Create a project.
   *
   * Creates a project with its first key, which has the scope admin. The mode cannot be changed later. The time zone
   * and the first day of the week can be changed only until the project has a participant.
   */
  createProject(body: CreateProjectRequest, options?: CallOptions): Promise<NewProject> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/projects", body }, options);
  }

  /**
   * Get a project.
   *
   * The project with this code, even if it is archived.
   */
  getProject(projectCode: string, options?: CallOptions): Promise<ProjectShown> {
    return this.run(
      { method: "GET", path: "/api/v1/gamify/admin/projects/{project_code}", segments: { project_code: projectCode } },
      options,
    );
  }

  /**
   * Change a project's settings.
   *
   * All servers apply a new limit or `strict_fields` within 5 seconds. Events older than a new `event_retention_days`
   * permanently lose their content within the hour. The time zone and the first day of the week can be changed only
   * until the project has a participant. The body may be the project as a response shows it; read-only fields must then
   * have their current values.
   */
  changeProject(projectCode: string, body: ChangeProjectRequest, options?: CallOptions): Promise<ProjectShown> {
    return this.run(
      {
        method: "PATCH",
        path: "/api/v1/gamify/admin/projects/{project_code}",
        segments: { project_code: projectCode },
        body,
      },
      options,
    );
  }

  /**
   * Archive a project.
   *
   * The project's keys stop working within 5 seconds, and nothing in it expires any more. All its data are kept.
   */
  archiveProject(projectCode: string, options?: CallOptions): Promise<ProjectShown> {
    return this.run(
      {
        method: "POST",
        path: "/api/v1/gamify/admin/projects/{project_code}/archive",
        segments: { project_code: projectCode },
      },
      options,
    );
  }

  /**
   * Unarchive a project.
   *
   * The project's keys work again, except for revoked and expired ones.
   */
  unarchiveProject(projectCode: string, options?: CallOptions): Promise<ProjectShown> {
    return this.run(
      {
        method: "POST",
        path: "/api/v1/gamify/admin/projects/{project_code}/unarchive",
        segments: { project_code: projectCode },
      },
      options,
    );
  }

  /**
   * Create a key for a project.
   *
   * Creates a key for any project, for example after all its keys were lost.
   */
  createProjectKey(projectCode: string, body: CreateKeyRequest, options?: CallOptions): Promise<NewApiKey> {
    return this.run(
      {
        method: "POST",
        path: "/api/v1/gamify/admin/projects/{project_code}/keys",
        segments: { project_code: projectCode },
        body,
      },
      options,
    );
  }

  /**
   * List the project's keys.
   *
   * The valid keys, and the last 1,000 keys that were revoked or expired, in the order of their creation.
   */
  listKeys(options?: CallOptions): Promise<ApiKeysAnswer> {
    return this.run({ method: "GET", path: "/api/v1/gamify/admin/keys" }, options);
  }

  /**
   * Create a key.
   *
   * Creates a key for the project of the caller's key. The scope may be up to that of the caller's key. A project can
   * have up to 200 valid keys.
   */
  createKey(body: CreateKeyRequest, options?: CallOptions): Promise<NewApiKey> {
    return this.run({ method: "POST", path: "/api/v1/gamify/admin/keys", body }, options);
  }

  /**
   * Change a key's name or limit.
   *
   * All servers apply the change within 5 seconds. The body may be the key as a response shows it; read-only fields
   * must then have their current values.
   */
  changeKey(keyId: string, body: ChangeKeyRequest, options?: CallOptions): Promise<ApiKey> {
    return this.run(
      { method: "PATCH", path: "/api/v1/gamify/admin/keys/{key_id}", segments: { key_id: keyId }, body },
      options,
    );
  }

  /**
   * Replace a key.
   *
   * Creates a successor with the same name, scope and limit. Both keys work until the old one ends. In a project with
   * 400 valid keys the old key must end at once.
   */
  rotateKey(keyId: string, body: RotateKeyRequest, options?: CallOptions): Promise<RotatedApiKey> {
    return this.run(
      { method: "POST", path: "/api/v1/gamify/admin/keys/{key_id}/rotate", segments: { key_id: keyId }, body },
      options,
    );
  }

  /**
   * Revoke a key.
   *
   * All servers refuse the key within 5 seconds. A key cannot revoke itself, and the project's last key with the scope
   * admin cannot be revoked.
   */
  revokeKey(keyId: string, options?: CallOptions): Promise<ApiKey> {
    return this.run(
      { method: "POST", path: "/api/v1/gamify/admin/keys/{key_id}/revoke", segments: { key_id: keyId } },
      options,
    );
  }

  /**
   * List the entries of the audit log.
   *
   * The changes that administrators made in the project, latest first. The log contains no keys and no personal data.
   */
  listAuditLog(query?: ListAuditLogQuery, options?: CallOptions): Pages<AuditAnswer, AuditEntry> {
    return this.listed(
      { method: "GET", path: "/api/v1/gamify/admin/audit-log", query },
      (response) => response.items,
      options,
    );
  }

  /**
   * Sign in to the console.
   *
   * Begins a session of the key in `X-API-Key`: the response sets a cookie that no script can read, and requests with
   * the header `Laurels-Session: 1` then need no key. Another value of the header names one of several sessions of a
   * browser. A session ends after 12 hours without a request, when the key ends, or by signing out.
   */
  signIn(options?: CallOptions): Promise<SessionShown> {
    return this.run({ method: "POST", path: "/api/v1/gamify/session" }, options);
  }

  /**
   * The key of a session.
   *
   * The project, the scope and the name in the audit log of the key, which is sent itself or as a session.
   */
  currentSession(options?: CallOptions): Promise<SessionShown> {
    return this.run({ method: "GET", path: "/api/v1/gamify/session" }, options);
  }

  /**
   * Sign out of the console.
   *
   * Ends the session on all servers and removes the cookie. The key stays as it is.
   */
  signOut(options?: CallOptions): Promise<SessionEnded> {
    return this.run({ method: "DELETE", path: "/api/v1/gamify/session" }, options);
  }

  /**
   * Daily statistics of the project.
   *
   * Returns the figures of each day: active and new participants, points, events by name, badges, tiers, challenges,
   * streaks and claims. A fact belongs to the day on which it was recorded. Figures are counted from the journal in the
   * background; the erasure of a participant does not change them.
   */
  dailyStatistics(query?: DailyStatisticsQuery, options?: CallOptions): Promise<StatisticsAnswer> {
    return this.run({ method: "GET", path: "/api/v1/gamify/admin/statistics", query }, options);
  }

  /**
   * Daily statistics as CSV.
   *
   * The same figures, with a line for each statistic, code and day that is not 0. Texts that a spreadsheet would take
   * for a formula begin with an apostrophe.
   */
  dailyStatisticsCsv(query?: DailyStatisticsCsvQuery, options?: CallOptions): Promise<string> {
    return this.run({ method: "GET", path: "/api/v1/gamify/admin/statistics.csv", query, isText: true }, options);
  }
}
