/** A plan to look at, and to apply step by step. */

import { useMemo, useState } from "preact/hooks";

import { api } from "../api";
import { changed, useRead } from "../data";
import { Empty, Failure, Loading, Progress } from "../parts/basics";
import { tell } from "../parts/messages";
import { plural } from "../text";
import { yaml } from "../yaml";
import { Changes } from "./changes";
import { type DefinitionsFile, planned, readDefinitions, take } from "./plan";

export function PlanView(props: { file: DefinitionsFile; done?: () => void }) {
  const present = useRead("definitions of all kinds", () => readDefinitions(api));
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [finished, setFinished] = useState<number>();
  const [error, setError] = useState<unknown>();
  const steps = useMemo(() => (present.data ? planned(props.file, present.data) : []), [present.data, props.file]);
  if (present.error !== undefined) return <Failure error={present.error} again={present.again} />;
  if (!present.data) return <Loading />;
  const named = (step: (typeof steps)[number]) => `${step.kind.name} ${step.code}`;
  const chosen = steps.filter((step) => !left.has(named(step)));
  const apply = async () => {
    if (finished !== undefined) return;
    setError(undefined);
    let count = 0;
    setFinished(count);
    const client = api;
    try {
      for (const step of chosen) {
        await take(client, step);
        setFinished((count += 1));
      }
      tell(`Applied ${plural(count, "change")}.`);
      props.done?.();
    } catch (failure) {
      setError(failure);
    } finally {
      setFinished(undefined);
      present.again();
      changed();
    }
  };
  const toggle = (name: string) => {
    const next = new Set(left);
    if (!next.delete(name)) next.add(name);
    setLeft(next);
  };
  return (
    <div class="plan">
      {steps.length === 0 && <Empty title="Nothing to do">The project has these definitions already.</Empty>}
      <ul class="rows">
        {steps.map((step) => (
          <li key={named(step)}>
            <label class="choice">
              <input type="checkbox" checked={!left.has(named(step))} onChange={() => toggle(named(step))} />
              <span>
                <span class={`tag ${step.live ? "warn" : "good"}`}>{step.live ? "change" : "create"}</span> {step.name}{" "}
                <small class="faint">
                  {step.kind.one} <code>{step.code}</code>
                </small>
              </span>
            </label>
            <details>
              <summary>{step.live ? plural(step.changes.length, "field") : "Definition"}</summary>
              {step.live ? <Changes all={step.changes} /> : <pre tabIndex={0}>{yaml(step.draft)}</pre>}
            </details>
          </li>
        ))}
      </ul>
      {error !== undefined && (
        <>
          <Failure error={error} />
          <p class="faint">The steps before were applied. The list above shows the rest.</p>
        </>
      )}
      {steps.length > 0 && (
        <div class="actions">
          <button type="button" class="primary" disabled={chosen.length === 0} aria-disabled={finished !== undefined} onClick={() => void apply()}>
            {finished === undefined ? `Apply ${plural(chosen.length, "change")}` : "Applying …"}
          </button>
          {finished !== undefined && <Progress of={chosen.length} done={finished} label="Changes applied" />}
        </div>
      )}
      <details>
        <summary>As a definitions file</summary>
        <pre tabIndex={0}>{yaml(props.file)}</pre>
      </details>
    </div>
  );
}
