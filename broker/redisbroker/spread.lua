-- Spreads a publication of a topic without history where there are wildcards on a
-- cluster: both ways from one node, so that each way keeps the order.
--
-- KEYS  1 the topic's channel
-- ARGV  1 the packed publication, 2 the channel for wildcards

redis.call('SPUBLISH', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[2], ARGV[1])
return 0
