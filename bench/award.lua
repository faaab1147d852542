-- Awards to random participants, each with a new idempotency key. With BATCH > 1, each request is an award-batch of this
-- size.
local batch = tonumber(os.getenv("BATCH") or "1")
local participants = tonumber(os.getenv("PARTICIPANTS") or "100000")
local largest = tonumber(os.getenv("LARGEST_AMOUNT") or "100")
local path = os.getenv("AWARD_PATH") or "/api/v1/gamify/points/award"
local headers = {["Content-Type"] = "application/json", ["X-API-Key"] = os.getenv("KEY")}
local prefix = os.getenv("KEY_PREFIX") or tostring(os.time())
local count = 0

function init()
  math.randomseed(tonumber(os.getenv("SEED") or "1"))
end

local function award()
  count = count + 1
  return string.format(
    '{"participant_id":"user_%d","amount":%d,"reason":"Purchase completed","idempotency_key":"%s_%d"}',
    math.random(participants), math.random(largest), prefix, count)
end

function request()
  if batch == 1 then return wrk.format("POST", path, headers, award()) end
  local awards = {}
  for i = 1, batch do awards[i] = award() end
  return wrk.format("POST", path, headers, '{"awards":[' .. table.concat(awards, ",") .. "]}")
end

-- With ALLOW_BUSY, 503 responses are counted instead of ending the run. Each thread counts its own responses.
refused = 0
local threads = {}
if os.getenv("ALLOW_BUSY") then
  function setup(thread) table.insert(threads, thread) end
  function response(status)
    if status == 503 then refused = refused + 1 end
  end
end

function done(summary, latency)
  local busy = 0
  for _, thread in ipairs(threads) do busy = busy + thread:get("refused") end
  io.write(string.format("RESULT %d %d %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status - busy, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99), busy))
end
