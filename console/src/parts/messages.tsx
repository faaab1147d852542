/** What was done, for a while, in the corner. */

import { signal, useSignal } from "../signals";

interface Message {
  id: number;
  text: string;
}

const messages = signal<Message[]>([]);
const shownMs = 8_000;
let last = 0;

export function tell(text: string): void {
  const message = { id: (last += 1), text };
  messages.set([...messages.get(), message]);
  setTimeout(() => messages.set(messages.get().filter((each) => each !== message)), shownMs);
}

export function Messages() {
  return (
    <div class="messages" role="status" aria-live="polite">
      {useSignal(messages).map((each) => (
        <p key={each.id}>{each.text}</p>
      ))}
    </div>
  );
}
