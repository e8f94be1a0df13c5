-- On a cluster: lists what a node is about to register. It is refused as by join.lua.
--
-- KEYS  1 what the node has registered
-- ARGV  1 when the node's lease ends, 2 and more the registrations
-- Returns 0, or -1 if the lease has ended.

local time = redis.call('TIME')
if tonumber(ARGV[1]) <= time[1] * 1000 + math.floor(time[2] / 1000) then
  return -1
end
redis.call('SADD', KEYS[1], unpack(ARGV, 2))
return 0
