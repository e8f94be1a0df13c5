-- Accepts one publication: recognizes a repeat, numbers, stores, trims, spreads.
--
-- KEYS  1 m, 2 s; 3, with a Dedup, what was accepted with it
-- ARGV  1 the packed publication, 2 the command and 3 the channel to publish with,
--       4 a second channel for wildcards, or nothing,
--       5 how many to keep (0: no history) and 6 for how long (milliseconds; 0: for ever),
--       7 what a new epoch begins with, 8 and 9 the epoch and number that the node knows,
--       10 the fingerprint of the message, or nothing without a Dedup,
--       11 what is before the packed publication on a channel, without history
-- Returns epoch:number:time; 0 where there is no history; 1 for a conflict.

local dedup = 120000 -- how long a repeat is recognized, in milliseconds

local print = ARGV[10]
if print ~= '' then
  local first = call('GET', KEYS[3])
  if first then
    if string.sub(first, 1, #print) ~= print then
      return 1
    end
    local colon = string.find(first, ':', 1, true)
    local seq = string.sub(first, #print + 1, colon - 1)
    if seq == '0' then
      return 0
    end
    return string.sub(first, colon + 1) .. ':' .. seq .. ':0'
  end
end

local function spread(packed)
  call(ARGV[2], ARGV[3], packed)
  if ARGV[4] ~= '' then
    call('PUBLISH', ARGV[4], packed)
  end
end

local size, age = tonumber(ARGV[5]), tonumber(ARGV[6])
if size == 0 then
  if print ~= '' then
    call('SET', KEYS[3], print .. '0:', 'PX', dedup)
  end
  spread(ARGV[11] .. ARGV[1])
  return 0
end

local epoch, seq, at, x = meta()
if not epoch or (epoch == ARGV[8] and seq < tonumber(ARGV[9])) then
  epoch, seq, at, x = begin(ARGV[7]) -- a part of the numbers is lost
end
seq = seq + 1
if seq == 1 then
  x = 0 -- the stream is new: its expiry is to be set
end
at = max(now, at) -- a clock that was put back does not put back what is stored
-- What is there beyond the size, in the same piece of memory, is not shown: see floor.
call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], text(seq) .. '-' .. text(at), 'd', ARGV[1])
call('HSET', KEYS[1], 's', seq, 'a', at)
if renew(age, x, seq) then
  floor(seq, size, age)
end
if print ~= '' then
  call('SET', KEYS[3], print .. text(seq) .. ':' .. epoch, 'PX', dedup)
end
local place = epoch .. ':' .. text(seq) .. ':' .. at
spread('h' .. place .. ':' .. ARGV[1])
return place
