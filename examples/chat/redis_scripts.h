// What is done inside Redis, each in one step that nothing can come between: Redis runs one script at a time, and each
// from its beginning to its end. So these are as short as they can be, and know nothing of a chat: which names may
// change hands and what the entries say is decided here, in C++.
//
// The keys, all of which begin with chat:{ROOM}: (the braces keep them together, should Redis ever be a cluster):
//
//     log             the stream. An entry's id is its position, and its field e is what it says
//     members         a hash: folded name -> member, as text
//     meta            a hash: epoch, run (which run of Redis it began in), top (the position of the last entry)
//     done:SERVER     the number of that server's last append, which is not done a second time
//     server:SERVER   there while the server lives
//
// Every script answers with a list whose first element is a word.
#pragma once

#include <string_view>

// OPEN log members meta | run fresh-epoch known-epoch
//
//     epoch, top                          it is the known one
//     epoch, top, members, entries        it is another
//
// A run of Redis that is not the one in which the epoch began has read its data from a disk, and may have lost the last
// second. What it shows may be what was; who is there certainly is not. So a new epoch begins, and nobody is in it.
// (That the last number has jumped back is no sign to go by: it may have caught up again by the time one looks.)
inline constexpr std::string_view kOpenScript = R"lua(
local epoch = redis.call('HGET', KEYS[3], 'epoch')
if not epoch or redis.call('HGET', KEYS[3], 'run') ~= ARGV[1] then
  epoch = ARGV[2]
  redis.call('DEL', KEYS[2])
  if not redis.call('HGET', KEYS[3], 'top') then redis.call('DEL', KEYS[1]) end
  redis.call('HSET', KEYS[3], 'run', ARGV[1], 'epoch', epoch)
end
local top = redis.call('HGET', KEYS[3], 'top') or '0-0'
if epoch == ARGV[3] then return {epoch, top} end
return {epoch, top, redis.call('HGETALL', KEYS[2]), redis.call('XRANGE', KEYS[1], '-', top)}
)lua";

// APPEND log members meta done | epoch n keep-from keep-most max-members changes [name expected owner]... [numbered
//     text]...
//
//     EPOCH         a new one has begun: nothing was done
//     DONE top      it was done already: the first answer was lost
//     STALE top     somebody else has the name: nothing was done
//     FULL          nothing was done
//     BLOCKED       somebody else's entry stands in the way, see CLEAN: nothing was done
//     OK top        all of it was done
//
// The number n makes it safe to send a command again as it is, when no answer has come. It is compared with >=, because
// a command may sit in a socket of Redis long after its sender has given it up, and have been overtaken by the next.
inline constexpr std::string_view kAppendScript = R"lua(
if redis.call('HGET', KEYS[3], 'epoch') ~= ARGV[1] then return {'EPOCH'} end
local top = redis.call('HGET', KEYS[3], 'top') or '0-0'
if tonumber(redis.call('GET', KEYS[4]) or 0) >= tonumber(ARGV[2]) then return {'DONE', top} end
local entries = 7 + 3 * ARGV[6]
local more = 0
for i = 7, entries - 1, 3 do
  if (redis.call('HGET', KEYS[2], ARGV[i]) or '') ~= ARGV[i + 1] then return {'STALE', top} end
  if ARGV[i + 1] == '' then more = more + 1 end
  if ARGV[i + 2] == '' then more = more - 1 end
end
if more > 0 and redis.call('HLEN', KEYS[2]) + more > tonumber(ARGV[5]) then return {'FULL'} end
local message, sub = string.match(top, '(%d+)-(%d+)')
for i = entries, #ARGV, 2 do
  if ARGV[i] == '1' then message, sub = message + 1, 0 else sub = sub + 1 end
  top = string.format('%.0f-%.0f', message, sub)
  local done = redis.pcall('XADD', KEYS[1], top, 'e', ARGV[i + 1])
  -- A table is an error, about the ID or the state of Redis. Only the first can be one: nothing has been done yet.
  if type(done) == 'table' then return string.find(done.err, ' ID') and {'BLOCKED'} or done end
end
for i = 7, entries - 1, 3 do
  if ARGV[i + 2] == '' then redis.call('HDEL', KEYS[2], ARGV[i])
  else redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2]) end
end
redis.call('XTRIM', KEYS[1], 'MINID', ARGV[3])
redis.call('XTRIM', KEYS[1], 'MAXLEN', ARGV[4])
redis.call('HSET', KEYS[3], 'top', top)
redis.call('SET', KEYS[4], ARGV[2], 'EX', 3600)
return {'OK', top}
)lua";

// CLEAN log meta | end-epoch
//
//     EPOCH or OK   it is done, and the epoch is over, or not
//
// What is behind top was not written by APPEND, and is taken out. Redis remembers the largest id that a stream ever
// had, and takes no smaller one: so the stream is made anew, of the entries that are ours.
inline constexpr std::string_view kCleanScript = R"lua(
local top = redis.call('HGET', KEYS[2], 'top') or '0-0'
local ours = redis.call('XRANGE', KEYS[1], '-', top)
redis.call('DEL', KEYS[1])
for _, entry in ipairs(ours) do redis.call('XADD', KEYS[1], entry[1], unpack(entry[2])) end
if ARGV[1] == '0' then return {'OK'} end
redis.call('HDEL', KEYS[2], 'epoch')
return {'EPOCH'}
)lua";

// BEAT meta server:us server:others... | epoch expiry
//
//     EPOCH         a new one has begun
//     OK others...  we live, and these do not
inline constexpr std::string_view kBeatScript = R"lua(
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return {'EPOCH'} end
redis.call('SET', KEYS[2], 1, 'PX', ARGV[2])
local answer = {'OK'}
for i = 3, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 0 then answer[#answer + 1] = KEYS[i] end
end
return answer
)lua";
