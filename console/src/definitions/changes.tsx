/** The fields in which a draft differs; of lists, the items in which they differ. */

import { type differences, narrowed } from "./schema";

export type Change = ReturnType<typeof differences>[number];

export function Changes(props: { all: Change[] }) {
  return (
    <ul class="changes">
      {props.all.map((each) => {
        const { before, after } = narrowed(each.before, each.after);
        return (
          <li key={each.name}>
            <code>{each.name}</code>
            {before !== undefined && <del>{shown(before)}</del>}
            {after !== undefined && <ins>{shown(after)}</ins>}
          </li>
        );
      })}
    </ul>
  );
}

function shown(value: unknown): string {
  return value === null ? "nothing" : JSON.stringify(value);
}
