-- The RPCs that peers/nakama.py calls: participants, a board, awards and ranks. It belongs in the folder of Nakama's
-- modules (runtime.path).
local nk = require("nakama")

local BOARD = "laurels_bench"

-- The last argument enables ranks: without it every rank is 0.
local function prepare(_context, payload)
  local input = nk.json_decode(payload)
  nk.leaderboard_create(BOARD, true, "desc", "incr", "", {}, true)
  local ids = {}
  for index, score in ipairs(input.scores) do
    local name = string.format("laurels_user_%d", input.from + index - 1)
    local id = nk.authenticate_custom(name, name, true)
    nk.leaderboard_record_write(BOARD, id, name, score, 0, nil, "set")
    table.insert(ids, id)
  end
  return nk.json_encode({ids = ids})
end

-- Updates the wallet with its ledger, then the board.
local function award(_context, payload)
  local input = nk.json_decode(payload)
  local wallet = nk.wallet_update(input.id, {points = input.amount}, {reason = "Purchase completed"}, true)
  local record = nk.leaderboard_record_write(BOARD, input.id, nil, input.amount)
  return nk.json_encode({balance = wallet.points, score = record.score})
end

-- Without a limit, Nakama reads only the record of this user, and not also the top of the board.
local function rank(_context, payload)
  local input = nk.json_decode(payload)
  local _, records = nk.leaderboard_records_list(BOARD, {input.id})
  local record = records[1]
  if not record or record.rank < 1 then error("the board has no rank for " .. input.id) end
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
