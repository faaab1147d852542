-- GET requests to READ_PATH, in which %d stands for the number of a random participant.
local participants = tonumber(os.getenv("PARTICIPANTS"))
local path = os.getenv("READ_PATH")
local headers = {["X-API-Key"] = os.getenv("KEY")}

function init()
  math.randomseed(tonumber(os.getenv("SEED") or "1"))
end

function request()
  return wrk.format("GET", (string.gsub(path, "%%d", math.random(participants))), headers)
end

function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
