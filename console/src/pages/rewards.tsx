/** Rewards: their stock, and their codes. */

import type { RewardDefinitionAnswer } from "laurels";

import { useState } from "preact/hooks";

import { api } from "../api";
import { codesAtOnce, codesIn, inParts } from "../codes";
import { changed } from "../data";
import { pageOf } from "../pages";
import { Empty, Failure, Heading, Loading, Progress } from "../parts/basics";
import { Dialog } from "../parts/dialog";
import { More, useList } from "../parts/list";
import { tell } from "../parts/messages";
import { useMay } from "../permission";
import { addressOf } from "../route";
import { number, plural, words } from "../text";

async function readRewards(after: string | undefined) {
  const page = await pageOf(api.listRewards({ page_size: 50 }), after);
  const rewards = page.items;
  const codes = await Promise.all(rewards.map((each) => (each.has_codes ? api.countRewardCodes(each.id) : null)));
  const waiting = await Promise.all(
    rewards.map(async (each) => (await api.listClaims({ page_size: 1, status: "claimed", reward_id: each.id }).page()).total),
  );
  const shown = await api.availableRewards();
  const items = rewards.map((reward, index) => ({
    reward,
    codes: codes[index],
    waiting: waiting[index] ?? 0,
    left: shown.rewards.find((each) => each.id === reward.id)?.remaining_inventory ?? null,
  }));
  return { items, total: page.total, next_cursor: page.next_cursor };
}

export function Rewards() {
  const list = useList("rewards", readRewards);
  const mayUpload = useMay("define");
  const [uploading, setUploading] = useState<RewardDefinitionAnswer>();
  return (
    <>
      <Heading note={list.items && plural(list.total, "reward")}>Rewards</Heading>
      {list.error !== undefined && <Failure error={list.error} again={list.again} />}
      {!list.items && list.error === undefined && <Loading rows={6} />}
      {list.items?.length === 0 && (
        <Empty title="No reward is defined">
          Define one under <a href={addressOf(["definitions", "rewards"])}>Definitions</a>.
        </Empty>
      )}
      {list.items && list.items.length > 0 && (
        <table>
          <caption class="hidden">Rewards</caption>
          <thead>
            <tr>
              <th scope="col">Reward</th>
              <th scope="col" class="narrow-out">
                Type
              </th>
              <th scope="col" class="figure narrow-out">
                Points
              </th>
              <th scope="col" class="figure">
                In stock
              </th>
              <th scope="col">Codes</th>
              <th scope="col" class="narrow-out">
                To be fulfilled
              </th>
            </tr>
          </thead>
          <tbody>
            {list.items.map(({ reward, codes, waiting, left }) => (
              <tr key={reward.id}>
                <th scope="row">
                  <a href={addressOf(["definitions", "rewards", reward.code])}>{reward.name}</a>{" "}
                  {!reward.is_active && <span class="tag">not active</span>}
                </th>
                <td class="narrow-out">{words(reward.type)}</td>
                <td class="figure narrow-out">{number(reward.points_cost)}</td>
                <td class="figure">
                  {left === null ? <span class="faint">{reward.is_active ? "unlimited" : "not offered"}</span> : number(left)}
                </td>
                <td>
                  {codes ? (
                    <>
                      <span class={codes.available === 0 ? "warn" : ""}>{number(codes.available)} left</span>{" "}
                      <small class="faint">of {number(codes.total)}</small>{" "}
                    </>
                  ) : (
                    <span class="faint">none</span>
                  )}
                  {codes && mayUpload && (
                    <button type="button" class="quiet small" aria-label={`Upload codes of ${reward.name}`} onClick={() => setUploading(reward)}>
                      Upload
                    </button>
                  )}
                </td>
                <td class="narrow-out">
                  {waiting > 0 ? (
                    <a href={addressOf(["claims"], { reward: reward.id })}>{plural(waiting, "claim")}</a>
                  ) : (
                    <span class="faint">none</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <More list={list} noun="rewards" />
      {uploading && <Upload reward={uploading} close={() => setUploading(undefined)} />}
    </>
  );
}

function Upload(props: { reward: RewardDefinitionAnswer; close(): void }) {
  const { reward, close } = props;
  const [text, setText] = useState("");
  const [done, setDone] = useState<number>();
  const codes = codesIn(text);
  const read = async (file: File | undefined) => {
    if (file) setText(await file.text());
  };
  const run = async () => {
    setDone(0);
    let added = 0;
    let known = 0;
    let count = 0;
    const client = api;
    try {
      for (const part of inParts(codes, codesAtOnce)) {
        const result = await client.uploadRewardCodes(reward.id, { codes: part });
        added += result.added;
        known += result.duplicates.existing + result.duplicates.in_request;
        setDone((count += part.length));
      }
      tell(`Added ${plural(added, "code")}${known > 0 ? `; known already: ${number(known)}` : ""}.`);
    } finally {
      setDone(undefined);
      changed();
    }
  };
  return (
    <Dialog title={`Upload codes of ${reward.name}`} verb="Upload" working="Uploading …" isReady={codes.length > 0} run={run} close={close}>
      <label class="field">
        <span>File</span>
        <input type="file" accept=".csv,.txt,text/csv,text/plain" onChange={(event) => void read(event.currentTarget.files?.[0])} />
        <small class="faint">One code per line, or CSV with the codes in the first column.</small>
      </label>
      <label class="field">
        <span>Codes</span>
        <textarea class="code" rows={6} spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <div class="note">
        <p>{codes.length === 0 ? "No codes yet." : `${plural(codes.length, "code")}, from ${codes[0]} to ${codes.at(-1)}.`} Known codes stay as they are.</p>
        {done !== undefined && <Progress of={codes.length} done={done} label="Codes uploaded" />}
      </div>
    </Dialog>
  );
}
