-- Renews a node's lease, and lists the nodes that have none any more.
--
-- KEYS  1 nodes by when their lease ends, in milliseconds by this server's clock
-- ARGV  1 the node, 2 its lease in milliseconds, 3 new if it has had none before
-- Returns 1 if the node has a lease now, 0 if it had lost it and may have been taken for
-- dead; then who is dead. Who has lost a lease never gets it back: others may be ending
-- its registrations at this moment.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
local lives = ARGV[3] == 'new' or (due and tonumber(due) > now)
if lives then
  redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
end
local reply = {lives and 1 or 0}
for _, node in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, 16)) do
  reply[#reply + 1] = node
end
return reply
