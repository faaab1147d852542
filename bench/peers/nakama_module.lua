-- For Nakama's folder of modules (runtime.path). What peers/nakama.py calls: participants, a board, awards and ranks.
local nk = require("nakama")

local BOARD = "laurels_bench"

local function prepare(_context, payload)
  local wanted = nk.json_decode(payload)
  pcall(nk.leaderboard_create, BOARD, true, "desc", "incr", "", {})
  local ids = {}
  for number = wanted.from, wanted.to do
    local id = nk.authenticate_custom(string.format("laurels_user_%d", number), string.format("laurels_user_%d", number), true)
    table.insert(ids, id)
  end
  return nk.json_encode({ids = ids})
end

-- The wallet with its ledger, then the board.
local function award(_context, payload)
  local wanted = nk.json_decode(payload)
  nk.wallet_update(wanted.id, {points = wanted.amount}, {reason = "Purchase completed"}, true)
  local record = nk.leaderboard_record_write(BOARD, wanted.id, "", wanted.amount, 0, {})
  return nk.json_encode({score = record.score})
end

local function rank(_context, payload)
  local wanted = nk.json_decode(payload)
  local _, records = nk.leaderboard_records_list(BOARD, {wanted.id}, 1, nil, 0)
  return nk.json_encode({rank = records[1] and records[1].rank})
end

nk.register_rpc(prepare, "laurels_prepare")
nk.register_rpc(award, "laurels_award")
nk.register_rpc(rank, "laurels_rank")
