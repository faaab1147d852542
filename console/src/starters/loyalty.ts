/** A loyalty programme of a shop. */
export const loyalty = {
  tiers: [
    { code: "member", name: "Member", level: 1, criteria_config: { min_points: 0 }, benefits: ["Points with every purchase"] },
    { code: "silver", name: "Silver", level: 2, criteria_config: { min_points: 1000 }, benefits: ["Free delivery"] },
    { code: "gold", name: "Gold", level: 3, criteria_config: { min_points: 5000 }, benefits: ["Free delivery", "Early access"] },
  ],
  badges: [
    { code: "first_purchase", name: "First purchase", description: "Bought something for the first time" },
    { code: "regular", name: "Regular", description: "Ten purchases", rarity: "rare" },
  ],
  rewards: [
    { code: "voucher_5", name: "Voucher of 5", description: "5 off the next purchase", type: "voucher", points_cost: 500 },
    { code: "double_points", name: "Double points", type: "points_multiplier", points_cost: 300, config: { multiplier: 2, duration_hours: 24 } },
  ],
  challenges: [
    {
      code: "three_this_month",
      name: "Three purchases",
      description: "Buy three times and get 150 points",
      objectives: [{ code: "purchases", name: "Purchases", event_name: "purchase", target: 3 }],
      actions: [{ type: "award_points", amount: 150 }],
    },
    {
      code: "ten_purchases",
      name: "Ten purchases",
      objectives: [{ code: "purchases", name: "Purchases", event_name: "purchase", target: 10 }],
      actions: [{ type: "award_badge", badge_code: "regular" }],
    },
  ],
  rules: [
    {
      code: "points_for_purchases",
      name: "A point for each unit spent",
      event_name: "purchase",
      condition: "has(event.properties.total) && event.properties.total >= 1",
      actions: [
        { type: "award_points", amount: "event.properties.total" },
        { type: "award_badge", badge_code: "first_purchase" },
      ],
    },
    {
      code: "review_bonus",
      name: "A review",
      event_name: "review_written",
      actions: [{ type: "award_points", amount: 20 }],
      limit: { per_participant: { day: 2 } },
    },
  ],
};
