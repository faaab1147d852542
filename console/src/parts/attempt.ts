/** Something that is done once at a time, and may fail. */

import { useState } from "preact/hooks";

export interface Attempt {
  error: unknown;
  isBusy: boolean;
  /** Does nothing while `run` of the time before is not finished. */
  begin(run: () => Promise<void>): void;
}

export function useAttempt(): Attempt {
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const work = async (run: () => Promise<void>) => {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      await run();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return { error, isBusy, begin: (run) => void work(run) };
}
