-- Claims of one of REWARDS rewards by random participants, each with a new idempotency key. In AWARD_PATH, %d stands for
-- the number of the reward.
local participants = tonumber(os.getenv("PARTICIPANTS") or "100000")
local rewards = tonumber(os.getenv("REWARDS") or "1")
local path = os.getenv("AWARD_PATH")
local headers = {["Content-Type"] = "application/json", ["X-API-Key"] = os.getenv("KEY")}
local prefix = os.getenv("KEY_PREFIX") or tostring(os.time())
local count = 0

function init()
  math.randomseed(tonumber(os.getenv("SEED") or "1"))
end

function request()
  count = count + 1
  return wrk.format("POST", string.format(path, math.random(rewards)), headers, string.format(
    '{"participant_id":"user_%d","points_deduction":true,"idempotency_key":"%s_%d"}',
    math.random(participants), prefix, count))
end

function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
