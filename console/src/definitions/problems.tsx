/** The problems of a form: each field reports its own, so that a draft is applied only without any. */

import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

export interface Problem {
  /** Of the field. */
  label: string;
  is: "wrong" | "missing" | "checking";
}

export type Problems = ReadonlyMap<string, Problem>;
type Report = (id: string, problem: Problem | undefined) => void;

export const Reporting = createContext<Report>(() => undefined);

/** The problems that are reported, and the function that reports them: the value of `Reporting`. */
export function useProblems(): [Problems, Report] {
  const [all, setAll] = useState<Problems>(new Map());
  const [report] = useState<Report>(() => (id: string, problem: Problem | undefined) => {
    setAll((before) => {
      const next = new Map(before);
      if (problem) next.set(id, problem);
      else if (!next.delete(id)) return before;
      return next;
    });
  });
  return [all, report];
}

/** Reports the problem of a field as long as it is there. */
export function useProblem(id: string, label: string, is: Problem["is"] | undefined): void {
  const report = useContext(Reporting);
  useEffect(() => {
    if (is === undefined) return undefined;
    report(id, { label, is });
    return () => report(id, undefined);
  }, [report, id, label, is]);
}

/** In a few words, below the button that waits for their end. */
export function NotReady(props: { problems: Problems }) {
  const labels = (is: Problem["is"]) => [...props.problems.values()].filter((each) => each.is === is).map((each) => each.label).join(", ");
  const [wrong, missing] = [labels("wrong"), labels("missing")];
  return (
    <div role="status">
      {wrong && <p class="problem">Not valid: {wrong}.</p>}
      {missing && <p class="faint">Still missing: {missing}.</p>}
    </div>
  );
}
