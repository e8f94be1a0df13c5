-- Sets a node's registration of a user. A node whose lease has ended is refused: others may
-- be ending its registrations at this moment, and would not see this one.
--
-- KEYS  1 o, users by when they joined; 2 i, their info; 3 r, their registrations:
--       node=sessions, and a comma after each;
--       not on a cluster, which has them elsewhere: 4 nodes by when their lease ends,
--       5 what the node has registered
-- ARGV  1 the user, 2 the node, 3 how many sessions, 4 the info,
--       5 when the node's lease ends, for a cluster, 6 the registration as it is listed
-- Returns 0 for unchanged, 1 for joined, 2 for updated, -1 if the lease has ended.

local time = redis.call('TIME')
local due = ARGV[5]
if KEYS[4] then
  due = redis.call('ZSCORE', KEYS[4], ARGV[2])
end
if not due or tonumber(due) <= time[1] * 1000 + math.floor(time[2] / 1000) then
  return -1
end
if KEYS[5] then
  redis.call('SADD', KEYS[5], ARGV[6])
end

local user, mine = ARGV[1], ARGV[2] .. '=' .. ARGV[3] .. ','
local all = redis.call('HGET', KEYS[3], user)
if not all then
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
