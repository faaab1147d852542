import type { ComponentChildren } from "preact";

import { api } from "../api";
import { useRead } from "../data";
import { Failure, Heading, Loading } from "../parts/basics";
import { addressOf } from "../route";
import { number } from "../text";

async function readOverview() {
  const [people, waiting, points] = await Promise.all([
    api.listParticipants({ page_size: 1 }).page(),
    api.listClaims({ page_size: 1, status: "claimed" }).page(),
    api.pointsLiability(),
  ]);
  return { people: people.total, waiting: waiting.total, points };
}

export function Overview() {
  const found = useRead("overview", readOverview);
  return (
    <>
      <Heading>Overview</Heading>
      {found.error !== undefined && <Failure error={found.error} again={found.again} />}
      {!found.data && found.error === undefined && <Loading />}
      {found.data && <Figures data={found.data} />}
    </>
  );
}

function Figures(props: { data: Awaited<ReturnType<typeof readOverview>> }) {
  const { people, waiting, points } = props.data;
  const months = points.by_expiry_month;
  return (
    <>
      <dl class="figures">
        <Figure name="People" value={<a href={addressOf(["people"])}>{number(people)}</a>} />
        <Figure name="Claims to be fulfilled" value={<a href={addressOf(["claims"])}>{number(waiting)}</a>} />
      </dl>
      <section aria-labelledby="points">
        <h2 id="points" class="section">
          Points of all people
        </h2>
        <dl class="figures">
          <Figure name="Issued" value={number(points.issued)} />
          <Figure name="Spent" value={number(points.spent)} />
          <Figure name="Expired" value={number(points.expired)} />
          <Figure name="Outstanding" value={number(points.outstanding)} />
          <Figure name="Held" value={number(points.held)} />
          <Figure name="Breakage" value={`${points.breakage_percent} %`} />
        </dl>
        <p class="note">
          Outstanding = issued − spent − expired: what the project owes. Breakage is the share of the issued points that expired.
        </p>
      </section>
      {months.length > 0 && (
        <table>
          <caption class="hidden">Outstanding points by the month in which they expire</caption>
          <thead>
            <tr>
              <th scope="col">Expire in</th>
              <th scope="col" class="figure">
                Points
              </th>
            </tr>
          </thead>
          <tbody>
            {months.map((each) => (
              <tr key={each.month}>
                <th scope="row">{each.month ?? "never"}</th>
                <td class="figure">{number(each.points)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function Figure(props: { name: string; value: ComponentChildren }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}
