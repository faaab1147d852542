import type { ListParticipantsQuery } from "laurels";

import { useEffect, useRef, useState } from "preact/hooks";

import { api } from "../api";
import { useRead } from "../data";
import { allOf, pageOf } from "../pages";
import { Empty, Failure, Heading, Loading, Time } from "../parts/basics";
import { More, useList, useRested } from "../parts/list";
import { addressOf, go, place, refine } from "../route";
import { useSignal } from "../signals";
import { number, plural } from "../text";

const orders: Record<string, { label: string; query: ListParticipantsQuery }> = {
  seen: { label: "Last seen", query: { sort_by: "last_seen_at", sort_order: "desc" } },
  balance: { label: "Highest balance", query: { sort_by: "available_points", sort_order: "desc" } },
  earned: { label: "Most points earned", query: { sort_by: "total_points", sort_order: "desc" } },
  name: { label: "Name", query: { sort_by: "display_name", sort_order: "asc" } },
  new: { label: "Newest", query: { sort_by: "created_at", sort_order: "desc" } },
};

export function People() {
  const { query } = useSignal(place);
  const [search, setSearch] = useState(query.get("search") ?? "");
  const [tier, setTier] = useState(query.get("tier") ?? "");
  const [badge, setBadge] = useState(query.get("badge") ?? "");
  const [order, setOrder] = useState(query.get("order") ?? "seen");
  const rested = useRested(search.trim());
  useEffect(() => refine({ search: rested, tier, badge, order: order === "seen" ? "" : order }), [rested, tier, badge, order]);
  const list = useList(`people ${rested} ${tier} ${badge} ${order}`, async (after) => {
    const asked = { search: rested || null, tier: tier || null, badge: badge || null, ...orders[order]?.query };
    const page = await pageOf(api.listParticipants({ page_size: 50, ...asked }), after);
    return { items: page.items, total: page.total, next_cursor: page.next_cursor };
  });
  const tiers = useChoices("tiers").data;
  const field = useRef<HTMLInputElement>(null);
  // Looking for somebody is nearly always the first step. It follows the heading, which takes the focus of each page.
  useEffect(() => field.current?.focus({ preventScroll: true }), []);
  // The list may still be behind the keyboard.
  const openOnly = async () => {
    if (search.trim() === "") return;
    const asked = { search: search.trim(), tier: tier || null, badge: badge || null };
    const page = await pageOf(api.listParticipants({ page_size: 2, ...asked }), undefined).catch(() => undefined);
    const [only] = page?.items ?? [];
    if (only && page?.total === 1) go("people", only.participant_id);
  };
  const isFiltered = Boolean(rested || tier || badge);
  return (
    <>
      <Heading note={list.items && plural(list.total, isFiltered ? "match" : "person", isFiltered ? "matches" : "people")}>
        People
      </Heading>
      <form
        class="filters"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          void openOnly();
        }}
      >
        <label class="wide">
          <span>Name or id</span>
          <input ref={field} type="search" value={search} placeholder="Part of a name or an id" onInput={(event) => setSearch(event.currentTarget.value)} />
        </label>
        <Choice label="Tier" kind="tiers" value={tier} change={setTier} />
        <Choice label="Badge" kind="badges" value={badge} change={setBadge} />
        <label>
          <span>Order</span>
          <select value={order} onChange={(event) => setOrder(event.currentTarget.value)}>
            {Object.entries(orders).map(([name, { label }]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </form>
      {list.error !== undefined && <Failure error={list.error} again={list.again} />}
      {!list.items && list.error === undefined && <Loading rows={8} />}
      {list.items?.length === 0 && <Nobody isFiltered={isFiltered} />}
      {list.items && list.items.length > 0 && (
        <table class={list.isReading ? "stale" : ""}>
          <caption class="hidden">People</caption>
          <thead>
            <tr>
              <th scope="col">Person</th>
              <th scope="col">Tier</th>
              <th scope="col" class="figure">
                Balance
              </th>
              <th scope="col" class="figure narrow-out">
                Earned
              </th>
              <th scope="col" class="narrow-out">
                Last seen
              </th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((each) => (
              <tr key={each.participant_id}>
                <th scope="row">
                  <a href={addressOf(["people", each.participant_id])}>{each.display_name ?? each.participant_id}</a>
                  {each.display_name && <code class="faint"> {each.participant_id}</code>}
                  {!each.is_active && <span class="tag">anonymised</span>}
                </th>
                <td>{tiers?.find(({ code }) => code === each.current_tier)?.name ?? each.current_tier ?? <span class="faint">none</span>}</td>
                <td class="figure">{number(each.available_points)}</td>
                <td class="figure narrow-out">{number(each.total_points)}</td>
                <td class="narrow-out">
                  <Time at={each.last_seen_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <More list={list} noun="people" />
    </>
  );
}

function useChoices(kind: "tiers" | "badges") {
  return useRead(`choices ${kind}`, async () => {
    const query = { page_size: 100 };
    const all: { code: string; name: string }[] =
      kind === "tiers" ? await allOf(api.listTiers(query)) : await allOf(api.listBadges(query));
    return all;
  });
}

function Choice(props: { label: string; kind: "tiers" | "badges"; value: string; change(value: string): void }) {
  const found = useChoices(props.kind);
  return (
    <label>
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.change(event.currentTarget.value)}>
        <option value="">Any</option>
        {found.data?.map((each) => (
          <option key={each.code} value={each.code}>
            {each.name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Nobody(props: { isFiltered: boolean }) {
  return props.isFiltered ? (
    <Empty title="Nobody matches">Search for a part of the name or of your application's own id, or take a filter away.</Empty>
  ) : (
    <Empty title="Nobody is here yet">
      People appear with the first call about them, such as <code>POST /gamify/points/award</code>.
    </Empty>
  );
}
