-- Ends a node's registration of a user.
--
-- KEYS  as in join.lua
-- ARGV  1 the user, 2 the node
-- Returns the user's info if no node has the user any more, else nothing.

local user = ARGV[1]
local all = redis.call('HGET', KEYS[3], user)
if not all then
  return false
end
local others, ended = string.gsub(all, ARGV[2] .. '=%d+,', '')
if ended == 0 then
  return false
end
if others ~= '' then
  redis.call('HSET', KEYS[3], user, others)
  return false
end
local info = redis.call('HGET', KEYS[2], user)
redis.call('ZREM', KEYS[1], user)
redis.call('HDEL', KEYS[2], user)
redis.call('HDEL', KEYS[3], user)
return info or ''
