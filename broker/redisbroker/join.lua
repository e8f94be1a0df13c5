-- Sets a node's registration of a user.
--
-- KEYS  1 o, users by when they joined; 2 i, their info; 3 r, their registrations:
--       node=sessions, and a comma after each
-- ARGV  1 the user, 2 the node, 3 how many sessions, 4 the info
-- Returns 0 for unchanged, 1 for joined, 2 for updated.

local user, mine = ARGV[1], ARGV[2] .. '=' .. ARGV[3] .. ','
local all = redis.call('HGET', KEYS[3], user)
if not all then
  local time = redis.call('TIME')
  local turn = time[1] * 1000000 + time[2]
  local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  if last[2] then
    turn = math.max(turn, tonumber(last[2]) + 1)
  end
  redis.call('ZADD', KEYS[1], string.format('%.0f', turn), user)
  redis.call('HSET', KEYS[2], user, ARGV[4])
  redis.call('HSET', KEYS[3], user, mine)
  return 1
end
local others = string.gsub(all, ARGV[2] .. '=%d+,', '')
redis.call('HSET', KEYS[3], user, others .. mine)
if redis.call('HGET', KEYS[2], user) == ARGV[4] then
  return 0
end
redis.call('HSET', KEYS[2], user, ARGV[4])
return 2
