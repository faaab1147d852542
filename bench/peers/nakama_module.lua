-- For Nakama's folder of modules (runtime.path). What peers/nakama.py calls: participants, a board, awards and ranks.
local nk = require("nakama")

local BOARD = "laurels_bench"

-- The last argument keeps ranks: without it every rank is 0.
local function prepare(_context, payload)
  local wanted = nk.json_decode(payload)
  nk.leaderboard_create(BOARD, true, "desc", "incr", "", {}, true)
  local ids = {}
  for place, score in ipairs(wanted.scores) do
    local name = string.format("laurels_user_%d", wanted.from + place - 1)
    local id = nk.authenticate_custom(name, name, true)
    nk.leaderboard_record_write(BOARD, id, name, score, 0, nil, "set")
    table.insert(ids, id)
  end
  return nk.json_encode({ids = ids})
end

-- The wallet with its ledger, then the board.
local function award(_context, payload)
  local wanted = nk.json_decode(payload)
  local wallet = nk.wallet_update(wanted.id, {points = wanted.amount}, {reason = "Purchase completed"}, true)
  local record = nk.leaderboard_record_write(BOARD, wanted.id, nil, wanted.amount)
  return nk.json_encode({balance = wallet.points, score = record.score})
end

-- Without a limit only the record of the one is read, not also the top of the board.
local function rank(_context, payload)
  local wanted = nk.json_decode(payload)
  local _, records = nk.leaderboard_records_list(BOARD, {wanted.id})
  local record = records[1]
  if not record or record.rank < 1 then error("the board keeps no rank of " .. wanted.id) end
  return nk.json_encode({rank = record.rank, score = record.score})
end

local function vacuum()
  nk.sql_exec("VACUUM ANALYZE")
  return "{}"
end

local function checkpoint()
  nk.sql_exec("CHECKPOINT")
  return "{}"
end

local function totals()
  local rows = nk.sql_query([[
    SELECT (SELECT count(*) FROM wallet_ledger) AS entries,
           (SELECT coalesce(sum((changeset->>'points')::bigint), 0)::bigint FROM wallet_ledger) AS ledger,
           (SELECT coalesce(sum((wallet->>'points')::bigint), 0)::bigint FROM users) AS wallets,
           (SELECT coalesce(sum(score), 0)::bigint FROM leaderboard_record WHERE leaderboard_id = $1) AS scores]], {BOARD})
  return nk.json_encode(rows[1])
end

nk.register_rpc(prepare, "laurels_prepare")
nk.register_rpc(award, "laurels_award")
nk.register_rpc(rank, "laurels_rank")
nk.register_rpc(vacuum, "laurels_vacuum")
nk.register_rpc(checkpoint, "laurels_checkpoint")
nk.register_rpc(totals, "laurels_totals")
