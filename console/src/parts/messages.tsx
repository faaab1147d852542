/** What was done, for a while, in the corner where no row has its buttons. */

import { signal, useSignal } from "../signals";

interface Message {
  id: number;
  at: number;
  text: string;
}

const messages = signal<Message[]>([]);
const shownMs = 6_000;
/** A message of this age was read before the page was left; a newer one may tell why it was left. */
const readMs = 1_000;
let last = 0;

function remove(isOver: (message: Message) => boolean): void {
  messages.set(messages.get().filter((each) => !isOver(each)));
}

addEventListener("hashchange", () => remove((each) => Date.now() - each.at > readMs));

export function tell(text: string): void {
  const message = { id: (last += 1), at: Date.now(), text };
  messages.set([...messages.get(), message]);
  setTimeout(() => remove((each) => each === message), shownMs);
}

export function Messages() {
  return (
    <div class="messages" role="status" aria-live="polite">
      {useSignal(messages).map((each) => (
        <p key={each.id}>
          <span>{each.text}</span>
          <button type="button" class="quiet small" aria-label="Close the message" onClick={() => remove((other) => other === each)}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
