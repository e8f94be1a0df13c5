-- Reads a page, after it has compared what the node knows with what is stored.
--
-- KEYS  1 m, 2 s
-- ARGV  1 what a new epoch begins with,
--       2 the epoch, 3 the number and 4 the time (0: unknown) that the node knows,
--       5 how many are kept and 6 for how long (milliseconds; 0: for ever),
--       7 what to read: since, before or newest; or fill, which is since, but from the
--         beginning if the epoch is another than the node's, and keeps the topic alive;
--         none of it is just where the topic stands,
--       8 the number that since and before are about, 9 how many, 10 how many bytes (0: no limit)
-- Returns the epoch, the newest number, its time, the newest number that is gone (not
-- with fill and none), and then, for each publication, oldest first, its ID and itself.

local epoch, seq, at, x = meta()
local known, since = tonumber(ARGV[3]), tonumber(ARGV[8])
local size, age, limit, bytes = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[9]), tonumber(ARGV[10])

-- diverged tells whether what is stored is not what the node has seen.
local function diverged()
  if known > seq then
    return true
  end
  local seen = tonumber(ARGV[4])
  if known == 0 or seen == 0 then
    return false
  end
  if known == seq then
    return at ~= seen
  end
  local number, made = stored(known)
  return number == known and made ~= seen
end

if not epoch or (epoch == ARGV[2] and diverged()) then
  epoch, seq, at, x = begin(ARGV[1])
  renew(age, x, seq)
elseif ARGV[7] == 'fill' and renew(age, x, seq) then
  floor(seq, size, age) -- what is too old goes, even if nobody reads
end
if ARGV[7] == 'fill' and limit == 0 then
  return {epoch, seq, at, 0} -- only where the topic stands
end

local gone = 0
if seq > 0 then
  gone = floor(seq, size, age)
end
local reply = {epoch, seq, at, gone}
if limit == 0 or gone == seq then
  return reply
end

-- add takes entries one by one, and tells whether there is room for more.
local found = {}
local function add(entries)
  for _, entry in ipairs(entries) do
    local packed = entry[2][2]
    bytes = bytes - #packed
    if bytes < 0 and ARGV[10] ~= '0' and #found > 0 then
      return false
    end
    found[#found + 1] = entry
    if #found == limit then
      return false
    end
  end
  return true
end

-- Large publications are not read by hundreds for the sake of the first.
local function chunk()
  return math.min(limit - #found, ARGV[10] == '0' and 1000 or 16)
end

if ARGV[7] == 'since' or ARGV[7] == 'fill' then
  if ARGV[7] == 'fill' and epoch ~= ARGV[2] then
    since = 0
  end
  local from = max(since, gone) + 1
  while from <= seq do
    local entries = call('XRANGE', KEYS[2], text(from), '+', 'COUNT', chunk())
    if #entries == 0 or not add(entries) then
      break
    end
    from = split(entries[#entries][1]) + 1
  end
  for i, entry in ipairs(found) do
    reply[3 + 2 * i], reply[4 + 2 * i] = entry[1], entry[2][2]
  end
  return reply
end

local to = seq
if ARGV[7] == 'before' then
  to = math.min(seq, since - 1)
end
while to > gone do
  local entries = call('XREVRANGE', KEYS[2], text(to), text(gone + 1), 'COUNT', chunk())
  if #entries == 0 or not add(entries) then
    break
  end
  to = split(entries[#entries][1]) - 1
end
for i = #found, 1, -1 do
  reply[#reply + 1] = found[i][1]
  reply[#reply + 1] = found[i][2][2]
end
return reply
