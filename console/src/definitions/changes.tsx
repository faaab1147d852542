/** The fields in which a draft differs. */

import type { differences } from "./schema";

export type Change = ReturnType<typeof differences>[number];

export function Changes(props: { all: Change[] }) {
  const shown = (value: unknown) => (value === null ? "nothing" : JSON.stringify(value));
  return (
    <ul class="changes">
      {props.all.map((each) => (
        <li key={each.name}>
          <code>{each.name}</code>
          <del>{shown(each.before)}</del>
          <ins>{shown(each.after)}</ins>
        </li>
      ))}
    </ul>
  );
}
