-- Forgets a dead node of which nothing is listed any more.
--
-- KEYS  1 nodes by when their lease ends; not on a cluster: 2 what the node has registered
-- ARGV  1 the node

local time = redis.call('TIME')
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if due and tonumber(due) <= time[1] * 1000 + math.floor(time[2] / 1000)
  and not (KEYS[2] and redis.call('EXISTS', KEYS[2]) == 1) then
  redis.call('ZREM', KEYS[1], ARGV[1])
end
return 0
