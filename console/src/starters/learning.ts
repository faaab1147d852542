/** A learning application. */
export const learning = {
  tiers: [
    { code: "novice", name: "Novice", level: 1, criteria_config: { min_points: 0 } },
    { code: "scholar", name: "Scholar", level: 2, criteria_config: { min_points: 500 } },
    { code: "master", name: "Master", level: 3, criteria_config: { min_points: 3000 } },
  ],
  badges: [
    { code: "first_lesson", name: "First lesson", description: "Finished a first lesson" },
    { code: "curious", name: "Curious", description: "Finished ten different lessons", rarity: "rare" },
  ],
  streaks: [{ code: "daily_lesson", name: "Daily lesson", period: "daily", grace_period_hours: 24 }],
  leaderboards: [{ code: "learners", name: "Learners", metric: "points_earned", time_window: "weekly" }],
  challenges: [
    {
      code: "ten_lessons",
      name: "Ten different lessons",
      objectives: [
        { code: "lessons", name: "Lessons", event_name: "lesson_finished", measure: "distinct", property: "lesson_id", target: 10 },
      ],
      actions: [{ type: "award_points", amount: 100 }, { type: "award_badge", badge_code: "curious" }],
    },
  ],
  rules: [
    {
      code: "points_for_lessons",
      name: "Lesson finished",
      event_name: "lesson_finished",
      actions: [
        { type: "award_points", amount: 10 },
        { type: "record_streak", streak_code: "daily_lesson" },
        { type: "award_badge", badge_code: "first_lesson" },
      ],
    },
    {
      code: "perfect_lesson",
      name: "No mistakes",
      event_name: "lesson_finished",
      condition: "has(event.properties.mistakes) && event.properties.mistakes == 0",
      actions: [{ type: "award_points", amount: 5 }],
      limit: { per_participant: { day: 3 } },
    },
  ],
};
