/** What the key of the session may do. */

import { session } from "./api";
import { type Task, may } from "./roles";
import { useSignal } from "./signals";

export function useMay(task: Task): boolean {
  const signedIn = useSignal(session);
  return signedIn ? may(signedIn.scope, task) : false;
}
