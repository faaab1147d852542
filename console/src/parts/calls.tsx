/** All calls that the console made, each as a command. */

import { useState } from "preact/hooks";

import { base, calls } from "../api";
import { curl } from "../curl";
import { useSignal } from "../signals";
import { plural } from "../text";

export function Calls() {
  const made = useSignal(calls);
  const [isOpen, setOpen] = useState(false);
  const count = made[0]?.number ?? 0;
  return (
    <section class="calls" aria-label="API calls">
      <button type="button" class="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span> {plural(count, "API call")}
        {made[0] && !isOpen && (
          <code class="faint">
            {made[0].method} {made[0].path.split("?")[0]} {made[0].status ?? "no response"}
          </code>
        )}
      </button>
      {isOpen && (
        <ol tabIndex={0} aria-label="Calls, newest first">
          {count > made.length && <li class="faint">The last {made.length} are shown.</li>}
          {made.map((call) => (
            <li key={call.number}>
              <details>
                <summary>
                  <span class={`status s${String(call.status ?? 0).charAt(0)}`}>{call.status ?? "—"}</span>
                  <code>
                    {call.method} {call.path}
                  </code>
                  <span class="faint">{call.milliseconds} ms</span>
                </summary>
                <pre tabIndex={0}>{curl(base, call)}</pre>
                {call.requestId && <p class="faint">Request {call.requestId}</p>}
              </details>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
