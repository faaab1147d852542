/** A fitness application. */
export const fitness = {
  tiers: [
    { code: "starter", name: "Starter", level: 1, criteria_config: { min_points: 0 } },
    { code: "active", name: "Active", level: 2, criteria_config: { min_points: 1000 } },
    { code: "athlete", name: "Athlete", level: 3, criteria_config: { min_points: 10000 } },
  ],
  badges: [
    { code: "first_workout", name: "First workout" },
    { code: "early_bird", name: "Early bird", description: "Five workouts before breakfast", rarity: "rare" },
  ],
  streaks: [{ code: "weekly_workout", name: "Every week", period: "weekly" }],
  leaderboards: [
    { code: "minutes", name: "Minutes this week", metric: "event_sum", event_name: "workout", property: "minutes", time_window: "weekly" },
  ],
  challenges: [
    {
      code: "hundred_minutes",
      name: "100 minutes",
      objectives: [{ code: "minutes", name: "Minutes", event_name: "workout", measure: "sum", property: "minutes", target: 100 }],
      actions: [{ type: "award_points", amount: 100 }],
    },
    {
      code: "early_bird",
      name: "Five early workouts",
      objectives: [
        { code: "early", name: "Early workouts", event_name: "workout", condition: "event.properties.is_early == true", target: 5 },
      ],
      actions: [{ type: "award_badge", badge_code: "early_bird" }],
    },
  ],
  rules: [
    {
      code: "points_for_workouts",
      name: "A point for each minute",
      event_name: "workout",
      condition: "has(event.properties.minutes) && event.properties.minutes >= 1",
      actions: [
        { type: "award_points", amount: "event.properties.minutes" },
        { type: "record_streak", streak_code: "weekly_workout" },
        { type: "award_badge", badge_code: "first_workout" },
      ],
    },
  ],
  earning_caps: [{ code: "daily_limit", name: "At most 120 points a day", period: "day", points: 120 }],
};
