/** A field for an expression: names are completed, and the server checks the expression while it is written. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { RefusedError } from "laurels";

import { api } from "../api";
import { useRead } from "../data";
import { type Name, completed, completions, functions, wordAt } from "../expression";
import { useRested } from "../parts/list";

export type Use = "condition" | "amount" | "criteria";

interface Props {
  id: string;
  use: Use;
  value: string;
  isFixed: boolean;
  help: string | undefined;
  change(value: string | null): void;
  /** Called when the field is left. */
  leave?(): void;
}

export function ExpressionInput(props: Props) {
  const { id, use, value, isFixed, change } = props;
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
  const word = cursor === undefined ? undefined : wordAt(value, cursor);
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
        disabled={isFixed}
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
      {value !== "" && !isFixed && <Checked use={use} expression={value} />}
    </div>
  );
}

/** The type of the expression, or its error, in the words of the API. */
function Checked(props: { use: Use; expression: string }) {
  const rested = useRested(props.expression, 350);
  const [found, setFound] = useState<{ is: "valid" | "wrong" | "unknown"; text: string }>();
  useEffect(() => {
    let isPresent = true;
    api.validateExpression({ expression: rested, use: props.use }).then(
      (answer) => {
        if (isPresent) setFound({ is: "valid", text: `${answer.type}; reads ${answer.reads.join(", ") || "nothing"}` });
      },
      (error: unknown) => {
        if (!isPresent) return;
        if (error instanceof RefusedError && error.status === 422) {
          setFound({ is: "wrong", text: error.errors[0]?.message ?? error.detail });
        } else setFound({ is: "unknown", text: "It could not be checked." });
      },
    );
    return () => {
      isPresent = false;
    };
  }, [rested, props.use]);
  if (!found) return null;
  return (
    <small class={found.is === "wrong" ? "problem" : "faint"} role={found.is === "wrong" ? "alert" : "status"}>
      {found.is === "valid" && <span class="tag good">valid</span>} {found.text}
    </small>
  );
}
