-- Ends a node's registration of a user.
--
-- KEYS  1 to 3 as in join.lua; not on a cluster: 4 what the node has registered
-- ARGV  1 the user, 2 the node, 3 the registration as it is listed
-- Returns the user's info if no node has the user any more, else nothing.

if KEYS[4] then
  redis.call('SREM', KEYS[4], ARGV[3])
end
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
