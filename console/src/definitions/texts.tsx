/** Texts by name, such as headers, as rows of a name and a value. */

import { useState } from "preact/hooks";

type Row = [name: string, value: string];

function rowsOf(value: unknown): Row[] {
  return Object.entries((value ?? {}) as Record<string, unknown>).map(([name, text]) => [name, String(text)]);
}

export function Texts(props: { id: string; value: unknown; change(value: unknown): void }) {
  const { id } = props;
  // A row whose name is not there yet is no part of the value.
  const [rows, setRows] = useState(() => rowsOf(props.value));
  const change = (next: Row[]) => {
    setRows(next);
    props.change(Object.fromEntries(next.map(([name, text]) => [name.trim(), text]).filter(([name]) => name !== "")));
  };
  const replaced = (at: number, row: Row) => change(rows.map((each, index) => (index === at ? row : each)));
  return (
    <div class="list">
      {rows.map(([name, value], at) => {
        const isTwice = name.trim() !== "" && rows.findIndex(([other]) => other.trim() === name.trim()) < at;
        return (
          <div key={at} class="item texts">
            <input
              aria-label={`Name ${at + 1}`}
              placeholder="Name"
              value={name}
              aria-invalid={isTwice}
              onInput={(event) => replaced(at, [event.currentTarget.value, value])}
            />
            <input
              aria-label={`Value ${at + 1}`}
              placeholder="Value"
              value={value}
              onInput={(event) => replaced(at, [name, event.currentTarget.value])}
            />
            <button
              type="button"
              class="quiet small"
              aria-label={`Remove ${name || `row ${at + 1}`}`}
              onClick={() => change(rows.filter((_, index) => index !== at))}
            >
              Remove
            </button>
            {isTwice && (
              <small class="problem" role="alert">
                This name is there twice; the last value counts.
              </small>
            )}
          </div>
        );
      })}
      <button id={id} type="button" class="small" onClick={() => change([...rows, ["", ""]])}>
        Add
      </button>
    </div>
  );
}
