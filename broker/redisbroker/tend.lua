-- Renews a node's lease, and lists the nodes that have none any more.
--
-- KEYS  1 nodes by when their lease ends, in milliseconds by this server's clock
-- ARGV  1 the node, 2 its lease in milliseconds, 3 new if it has had none before,
--       4 how long after its lease a node is dead, in milliseconds,
--       5 and more: the names that the node has given up
-- Returns when the node's lease ends, or 0 if it had lost it and may have been taken for
-- dead; then who is dead. Who has lost a lease never gets it back: others may be ending
-- its registrations at this moment. A name that was lost or given up stays among the
-- nodes until all that is listed as its is ended.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
local ends = 0
if ARGV[3] == 'new' or (due and tonumber(due) > now) then
  ends = now + ARGV[2]
  redis.call('ZADD', KEYS[1], string.format('%.0f', ends), ARGV[1])
else
  redis.call('ZADD', KEYS[1], 'NX', string.format('%.0f', now), ARGV[1])
end
for i = 5, #ARGV do
  redis.call('ZADD', KEYS[1], 'NX', string.format('%.0f', now), ARGV[i])
end
local reply = {ends}
for _, node in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[4]), 'LIMIT', 0, 16)) do
  reply[#reply + 1] = node
end
return reply
