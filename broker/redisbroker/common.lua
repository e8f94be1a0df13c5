-- What the scripts share; it is put before each that needs it.
--
-- A topic's numbers and publications are in two keys of one slot:
--   m  a hash: e the epoch, s the newest number, a when that was published (Unix
--      milliseconds), x when the expiry of both keys is next to be renewed
--   s  a stream: one entry a publication, whose ID is number-milliseconds

local call, max, whole = redis.call, math.max, math.floor
local linger = 600000 -- how long numbers outlive the age of publications, in milliseconds

local time = call('TIME')
local now = time[1] * 1000 + whole(time[2] / 1000)

-- text writes a whole number; Lua itself rounds those that are large. A number that is an
-- argument of a command needs none of it.
local function text(n)
  if n < 1e14 then
    return n
  end
  return string.format('%.0f', n)
end

-- split reads an entry's ID.
local function split(id)
  local dash = string.find(id, '-', 1, true)
  return tonumber(string.sub(id, 1, dash - 1)), tonumber(string.sub(id, dash + 1))
end

-- begin makes a new epoch of a topic, without publications.
local function begin(base)
  local epoch = string.format('%s%x%05x', base, time[1], time[2])
  call('DEL', KEYS[1], KEYS[2])
  call('HSET', KEYS[1], 'e', epoch)
  return epoch, 0, 0, 0
end

-- meta reads a topic's numbers; they are 0 where there are none.
local function meta()
  local m = call('HMGET', KEYS[1], 'e', 's', 'a', 'x')
  return m[1], tonumber(m[2] or 0), tonumber(m[3] or 0), tonumber(m[4] or 0)
end

-- stored returns the first entry from that number on: its number and its time.
local function stored(from)
  local found = call('XRANGE', KEYS[2], text(from), '+', 'COUNT', 1)
  if found[1] then
    return split(found[1][1])
  end
end

-- floor returns the newest number that is gone, and takes out what is too old.
local function floor(newest, size, age)
  local first, at = stored(0)
  if not first then
    return newest
  end
  local low = max(first - 1, newest - size)
  if age > 0 and at <= now - age then
    local high = newest
    while low < high do -- low is gone, and what comes after high is not too old
      local middle = whole((low + high) / 2) + 1
      local seq, made = stored(middle)
      if seq and made > now - age then
        high = middle - 1
      else
        low = middle
      end
    end
    call('XTRIM', KEYS[2], 'MINID', text(low + 1))
  end
  return low
end

-- renew sets when both keys expire, now and then rather than each time. A topic that was
-- never published to expires even where publications never do.
local function renew(age, x, newest)
  if now < x then
    return
  end
  if newest == 0 then
    age = max(age, 1)
  end
  local slack = linger / 4
  if age > 0 then
    slack = max(whole(math.min(age, linger) / 4), 1)
    call('PEXPIRE', KEYS[1], text(age + linger + slack))
    call('PEXPIRE', KEYS[2], text(age + linger + slack))
  else
    call('PERSIST', KEYS[1])
    call('PERSIST', KEYS[2])
  end
  call('HSET', KEYS[1], 'x', text(now + slack))
  return true
end
