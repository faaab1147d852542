-- POST requests with BODY to RPC_PATH. In BODY, %s stands for a random line of IDS_FILE, and a %d after it for an amount
-- of 1 to 100, as in award.lua.
local ids = {}
for line in io.lines(os.getenv("IDS_FILE")) do ids[#ids + 1] = line end
local path, body = os.getenv("RPC_PATH"), os.getenv("BODY")
local headers = {["Content-Type"] = "application/json"}

function init()
  math.randomseed(tonumber(os.getenv("SEED") or "1"))
end

function request()
  return wrk.format("POST", path, headers, string.format(body, ids[math.random(#ids)], math.random(100)))
end

function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
