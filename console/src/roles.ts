/** Which parts of the console a key may use. The API decides; the console hides what it would refuse. */

import type { Scope } from "./api";

const inOrder: Scope[] = ["gamify", "gamify:read", "gamify:support", "gamify:admin", "admin", "operator"];
const lowest = { read: "gamify:read", support: "gamify:support", define: "gamify:admin", keys: "admin", operate: "operator" } as const;

export type Task = keyof typeof lowest;

export function may(scope: Scope, task: Task): boolean {
  return inOrder.indexOf(scope) >= inOrder.indexOf(lowest[task]);
}

/** The lowest scope that suffices. */
export function scopeFor(task: Task): Scope {
  return lowest[task];
}
