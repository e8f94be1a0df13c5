-- Lists who is present.
--
-- KEYS  as in join.lua
-- ARGV  1 how many to list
-- Returns how many there are; then, for each that is listed, in order of joining, the
-- user, the info and the registrations.

local reply = {redis.call('ZCARD', KEYS[1])}
local limit, from = tonumber(ARGV[1]), 0
while from < limit do
  local to = math.min(from + 1000, limit)
  local users = redis.call('ZRANGE', KEYS[1], from, to - 1)
  if #users == 0 then
    break
  end
  local infos = redis.call('HMGET', KEYS[2], unpack(users))
  local all = redis.call('HMGET', KEYS[3], unpack(users))
  for i, user in ipairs(users) do
    reply[#reply + 1] = user
    reply[#reply + 1] = infos[i] or ''
    reply[#reply + 1] = all[i] or ''
  end
  from = to
end
return reply
