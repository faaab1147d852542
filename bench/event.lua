-- Events of random participants, each with a new idempotency key. `place` is a random number from 1 to 100.
local participants = tonumber(os.getenv("PARTICIPANTS") or "100000")
local path = "/api/v1/gamify/events"
local headers = {["Content-Type"] = "application/json", ["X-API-Key"] = os.getenv("KEY")}
local prefix = os.getenv("KEY_PREFIX") or tostring(os.time())
local count = 0

function init()
  math.randomseed(tonumber(os.getenv("SEED") or "1"))
end

function request()
  count = count + 1
  return wrk.format("POST", path, headers, string.format(
    '{"participant_id":"user_%d","event_name":"purchase_completed",' ..
    '"properties":{"amount":%d,"currency":"EUR","place":%d},"idempotency_key":"%s_%d"}',
    math.random(participants), math.random(100), math.random(100), prefix, count))
end

function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
