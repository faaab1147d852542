/** What the types have to find: the compiler complains of each line here that it accepts. */

import type { Laurels } from "laurels";

export async function mistakes(laurels: Laurels): Promise<void> {
  // @ts-expect-error: text is asked for
  await laurels.awardPoints({ participant_id: 1, amount: 10 });
  // @ts-expect-error: the amount is missing
  await laurels.awardPoints({ participant_id: "ada" });
  // @ts-expect-error: a misspelt field
  await laurels.awardPoints({ participant_id: "ada", amount: 10, reasn: "Order 1001" });
  // @ts-expect-error: no such state of a claim
  await laurels.listClaims({ status: "lost" });
  // @ts-expect-error: a misspelt field of the answer
  console.log((await laurels.participantPoints("ada")).ballance);
  // @ts-expect-error: no such action
  await laurels.createRule({ code: "r", name: "R", event_name: "login", actions: [{ type: "give", amount: 1 }] });
}
