/** Three programmes for a project without definitions. */

import { useState } from "preact/hooks";

import { api } from "../api";
import { useRead } from "../data";
import { type DefinitionsFile, readDefinitions } from "../definitions/plan";
import { PlanView } from "../definitions/plan_view";
import { Failure, Loading } from "../parts/basics";
import { useMay } from "../permission";

interface Starter {
  name: string;
  about: string;
  load(): Promise<DefinitionsFile>;
}

const starters: Starter[] = [
  {
    name: "Loyalty",
    about: "A shop: points for purchases and reviews, three tiers, vouchers, double points.",
    load: async () => (await import("../starters/loyalty")).loyalty,
  },
  {
    name: "Learning",
    about: "Lessons: points, a daily streak that forgives a day, badges, a weekly board.",
    load: async () => (await import("../starters/learning")).learning,
  },
  {
    name: "Fitness",
    about: "Workouts: points for minutes up to a daily cap, a weekly streak, a board of minutes.",
    load: async () => (await import("../starters/fitness")).fitness,
  },
];

/** Nothing, unless the project is empty and the key may define. */
export function Starters() {
  return useMay("define") ? <OfEmptyProject /> : null;
}

function OfEmptyProject() {
  const present = useRead("is there a definition", async () => {
    const found = await readDefinitions(api);
    return Object.values(found).some((all) => all.length > 0);
  });
  const [chosen, setChosen] = useState<Starter>();
  const [isDone, setDone] = useState(false);
  if (present.data !== false || isDone) return null;
  return (
    <section class="card starters" aria-labelledby="starters">
      <h2 id="starters">Begin with a programme</h2>
      <p class="faint">
        This project has no definitions yet. Look at one of these programmes and apply it; everything can be changed afterwards.
      </p>
      <div class="starter-choice" role="group" aria-label="Programmes">
        {starters.map((each) => (
          <button key={each.name} type="button" aria-pressed={each === chosen} onClick={() => setChosen(each)}>
            <strong>{each.name}</strong>
            <small>{each.about}</small>
          </button>
        ))}
      </div>
      {chosen && <Chosen key={chosen.name} starter={chosen} done={() => setDone(true)} />}
    </section>
  );
}

function Chosen(props: { starter: Starter; done(): void }) {
  const file = useRead(`starter ${props.starter.name}`, () => props.starter.load());
  if (file.error !== undefined) return <Failure error={file.error} again={file.again} />;
  return file.data ? <PlanView file={file.data} done={props.done} /> : <Loading />;
}
