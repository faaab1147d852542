/** A field for an expression: names are completed, and the server checks the expression while it is written. */

import { createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { RefusedError } from "laurels";

import { api } from "../api";
import { useRead } from "../data";
import { type Name, completed, completions, functions, wordAt } from "../expression";
import { useRested } from "../parts/list";
import { words } from "../text";
import { useProblem } from "./problems";

/** Whether names are completed and expressions checked. */
export const Checking = createContext(true);

export type Use = "condition" | "amount" | "criteria";

interface Props {
  id: string;
  /** The name of the field. */
  name: string;
  use: Use;
  value: string;
  help: string | undefined;
  change(value: string | null): void;
  /** Called when the field is left. */
  leave?(): void;
}

export function ExpressionInput(props: Props) {
  const { id, use, value, change } = props;
  const isChecked = useContext(Checking);
  const area = useRef<HTMLTextAreaElement>(null);
  const known = useRead("variables", async () => (await api.listVariables()).variables);
  const [cursor, setCursor] = useState<number>();
  const [at, setAt] = useState(0);
  const moveTo = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    if (moveTo.current !== undefined) area.current?.setSelectionRange(moveTo.current, moveTo.current);
    moveTo.current = undefined;
  }, [value]);
  const names: Name[] = [...(known.data ?? []).filter((each) => use !== "criteria" || !each.is_of_event), ...functions];
  const word = cursor === undefined || !isChecked ? undefined : wordAt(value, cursor);
  const offered = word ? completions(names, word.text) : [];
  const take = (name: string) => {
    if (!word) return;
    const next = completed(value, word, name);
    moveTo.current = next.cursor;
    setCursor(undefined);
    change(next.text);
    area.current?.focus();
  };
  const press = (event: KeyboardEvent) => {
    if (offered.length === 0) return;
    const chosen = offered[Math.min(at, offered.length - 1)];
    if (event.key === "ArrowDown") setAt((at + 1) % offered.length);
    else if (event.key === "ArrowUp") setAt((at + offered.length - 1) % offered.length);
    else if ((event.key === "Enter" || event.key === "Tab") && chosen) take(chosen.name);
    else if (event.key === "Escape") setCursor(undefined);
    else return;
    event.preventDefault();
  };
  return (
    <div class="expression">
      <textarea
        ref={area}
        id={id}
        class="code"
        rows={Math.min(8, Math.max(2, value.split("\n").length))}
        spellcheck={false}
        autocomplete="off"
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={`${id}-names`}
        aria-activedescendant={offered.length > 0 ? `${id}-name-${Math.min(at, offered.length - 1)}` : undefined}
        aria-describedby={props.help}
        value={value}
        onInput={(event) => {
          setAt(0);
          setCursor(event.currentTarget.selectionStart);
          change(event.currentTarget.value || null);
        }}
        onKeyDown={press}
        onBlur={() => {
          setCursor(undefined);
          props.leave?.();
        }}
      />
      <ul id={`${id}-names`} role="listbox" aria-label="Names" class="names" hidden={offered.length === 0}>
        {offered.map((each, index) => (
          <li
            key={each.name}
            id={`${id}-name-${index}`}
            role="option"
            aria-selected={index === Math.min(at, offered.length - 1)}
            onMouseDown={(event) => {
              event.preventDefault();
              take(each.name);
            }}
          >
            <code>{each.name}</code> <small class="faint">{each.type}</small>
          </li>
        ))}
      </ul>
      {value !== "" && isChecked && <Checked id={id} name={props.name} use={use} expression={value} />}
    </div>
  );
}

interface Check {
  of: string;
  is: "valid" | "wrong" | "unknown";
  text: string;
}

async function check(expression: string, use: Use): Promise<Check> {
  try {
    const { type, reads } = await api.validateExpression({ expression, use });
    return { of: expression, is: "valid", text: `${type}; reads ${reads.join(", ") || "nothing"}` };
  } catch (error) {
    const message = error instanceof RefusedError && error.status === 422 ? (error.errors[0]?.message ?? error.detail) : undefined;
    if (message === undefined) return { of: expression, is: "unknown", text: "It could not be checked." };
    return { of: expression, is: "wrong", text: `${message.replace(/^is not accepted/, "Not accepted")}.` };
  }
}

/** The type of the expression, or its error, in the words of the API. */
function Checked(props: { id: string; name: string; use: Use; expression: string }) {
  const { use, expression } = props;
  const rested = useRested(expression, 350);
  const [found, setFound] = useState<Check>();
  useEffect(() => {
    let isPresent = true;
    void check(rested, use).then((result) => isPresent && setFound(result));
    return () => {
      isPresent = false;
    };
  }, [rested, use]);
  // The draft waits for the check of what is written now.
  const isWrong = found?.is === "wrong";
  useProblem(`${props.id} expression`, words(props.name), isWrong ? "wrong" : found?.of === expression ? undefined : "checking");
  if (!found) return null;
  return (
    <small class={isWrong ? "problem" : "faint"} role={isWrong ? "alert" : "status"}>
      {found.is === "valid" && <span class="tag good">valid</span>} {found.text}
    </small>
  );
}
