// What ioredis sends in either protocol: pipelines, transactions, scripts, binary data, messages, blocking pops,
// SCAN streams, streams, and a connection that is cut.
const { once } = require('node:events')
const Redis = require('ioredis')
const { Checks, assert, eventually, sameMembers, numbers } = require('./checks')

const JOBS = 1000
const WORKERS = 4

const suite = new Checks('ioredis')

async function everyCommandOnce(redis) {
  const replies = await Promise.all(numbers(5000).map((number) => redis.set(`key:${number}`, number)))
  assert.ok(replies.every((reply) => reply === 'OK'))
  const values = await redis.mget(numbers(5000).map((number) => `key:${number}`))
  assert.deepEqual(values, numbers(5000).map(String))
}

async function autoPipelining(protocol) {
  const redis = new Redis(process.env.REDIS_URL, { protocol, enableAutoPipelining: true })
  const counts = await Promise.all(numbers(2000).map(() => redis.incr('counter')))
  assert.deepEqual(counts, numbers(2000).map((number) => number + 1))
  redis.disconnect()
}

async function pipelineWithAnError(redis) {
  const pipeline = redis.pipeline()
  for (const number of numbers(1000)) pipeline.rpush('list', number)
  const replies = await pipeline.incr('list').hset('hash', { a: 1, b: 2 }).hgetall('hash').exec()
  assert.deepEqual(replies.slice(0, 1000).map(([, length]) => length), numbers(1000).map((number) => number + 1))
  assert.match(replies[1000][0].message, /^WRONGTYPE Operation against a key holding the wrong kind of value$/)
  assert.deepEqual(replies.slice(1001), [[null, 2], [null, { a: '1', b: '2' }]])
  assert.equal(await redis.llen('list'), 1000)
}

async function transactions(redis) {
  assert.deepEqual(await redis.multi().set('a', 1).incr('a').get('a').exec(), [[null, 'OK'], [null, 2], [null, '2']])
  await redis.watch('a')
  const another = redis.duplicate()
  await another.set('a', 'changed by another')
  another.disconnect()
  assert.equal(await redis.multi().set('a', 'not set').exec(), null)
  assert.equal(await redis.get('a'), 'changed by another')
  await assert.rejects(redis.multi().set('a').exec(), /^ReplyError: EXECABORT/)
}

async function scripts(redis) {
  redis.defineCommand('takeAll', {
    numberOfKeys: 1,
    lua: "local all = redis.call('LRANGE', KEYS[1], 0, -1) redis.call('DEL', KEYS[1]) return {all, ARGV[1]}",
  })
  await redis.rpush('taken', 'x', 'y')
  assert.deepEqual(await redis.takeAll('taken', 'done'), [['x', 'y'], 'done'])
  await redis.script('FLUSH')
  await redis.rpush('taken', 'z')
  assert.deepEqual(await redis.takeAll('taken', 'again'), [['z'], 'again'])
  assert.deepEqual(await redis.pipeline().takeAll('taken', 1).exec(), [[null, [[], '1']]])
}

async function binary(redis) {
  const bytes = Buffer.from(numbers(256))
  await redis.hset(bytes, bytes, bytes)
  assert.deepEqual(await redis.hgetBuffer(bytes, bytes), bytes)
  assert.deepEqual(await redis.keysBuffer('*\x01\x02*'), [bytes])
  const big = Buffer.alloc(5_000_000, 'job')
  await redis.set('big', big)
  assert.deepEqual(await redis.getBuffer('big'), big)
}

async function messages(redis) {
  const subscriber = redis.duplicate()
  const received = []
  subscriber.on('message', (channel, message) => received.push(`${channel} ${message}`))
  subscriber.on('pmessage', (pattern, channel, message) => received.push(`${pattern} ${channel} ${message}`))
  assert.equal(await subscriber.subscribe('jobs', 'news'), 2)
  assert.equal(await subscriber.psubscribe('n?ws'), 3)
  const receivers = await Promise.all(numbers(1000).map((number) => redis.publish('jobs', number)))
  assert.ok(receivers.every((count) => count === 1))
  assert.equal(await redis.publish('news', 'twice'), 2)
  await eventually('1,002 messages', () => received.length >= 1002, () => received.length)
  assert.deepEqual(received, [...numbers(1000).map((number) => `jobs ${number}`), 'news twice', 'n?ws news twice'])
  assert.equal(await subscriber.unsubscribe('jobs', 'news'), 1)
  assert.equal(await subscriber.punsubscribe('n?ws'), 0)
  assert.equal(await subscriber.echo('an ordinary connection again'), 'an ordinary connection again')
  subscriber.disconnect()
}

async function blockingWorkers(redis) {
  const done = []
  const work = async (connection) => {
    for (;;) {
      const job = await connection.blmove('waiting', 'active', 'RIGHT', 'LEFT', 0)
      if (job === 'stop') return connection.disconnect()
      done.push(job)
      await redis.lrem('active', 1, job)
    }
  }
  const workers = numbers(WORKERS).map(() => work(redis.duplicate()))
  await Promise.all(numbers(JOBS).map((number) => redis.lpush('waiting', number)))
  await redis.lpush('waiting', ...numbers(WORKERS).map(() => 'stop'))
  await Promise.all(workers)
  sameMembers(done, numbers(JOBS))
  assert.deepEqual(await redis.lrange('active', 0, -1), numbers(WORKERS).map(() => 'stop'))
  assert.equal(await redis.brpop('waiting', 0.01), null)
}

async function scanStreams(redis) {
  const members = numbers(3000).map((number) => `member:${number}`)
  await redis.sadd('scan:set', members)
  await redis.hset('scan:hash', Object.fromEntries(members.map((member) => [member, member])))
  await redis.zadd('scan:zset', ...members.flatMap((member, score) => [score, member]))
  const collect = async (stream) => {
    const found = new Set()
    for await (const part of stream) part.forEach((member) => String(member).startsWith('member:') && found.add(member))
    return [...found]
  }
  sameMembers(await collect(redis.sscanStream('scan:set', { count: 100 })), members)
  sameMembers(await collect(redis.hscanStream('scan:hash', { count: 100 })), members)
  sameMembers(await collect(redis.zscanStream('scan:zset', { count: 100 })), members)
  sameMembers(await collect(redis.sscanStream('scan:set', { match: 'member:1??' })), members.slice(100, 200))
  await redis.mset(Object.fromEntries(members.map((member) => [member, 1])))
  sameMembers(await collect(redis.scanStream({ match: 'member:*', type: 'string' })), members)
}

async function sortedSets(redis) {
  await redis.zadd('scores', 1.5, 'a', '-inf', 'b', 3, 'c')
  assert.deepEqual(await redis.zrange('scores', 0, -1, 'WITHSCORES'), ['b', '-inf', 'a', '1.5', 'c', '3'])
  assert.equal(await redis.zscore('scores', 'a'), '1.5')
  assert.deepEqual(await redis.zrangebyscore('scores', '(1.5', '+inf'), ['c'])
  assert.deepEqual(await redis.zpopmin('scores'), ['b', '-inf'])
  assert.deepEqual(await redis.bzpopmax('scores', 1), ['scores', 'c', '3'])
}

async function streams(redis) {
  const reader = redis.duplicate()
  const read = reader.xread('BLOCK', 0, 'STREAMS', 'log', '$')
  await Promise.race([read, eventually('XREAD waits', async () => /blocked_clients:1/.test(await redis.info('clients')))])
  const id = await redis.xadd('log', '*', 'event', 'first')
  assert.deepEqual(await read, [['log', [[id, ['event', 'first']]]]])
  reader.disconnect()
  await redis.xgroup('CREATE', 'log', 'group', '0')
  assert.deepEqual(await redis.xreadgroup('GROUP', 'group', 'me', 'STREAMS', 'log', '>'),
    [['log', [[id, ['event', 'first']]]]])
  assert.equal(await redis.xack('log', 'group', id), 1)
  await redis.xadd('log', 'MAXLEN', 1, '*', 'event', 'second')
  assert.equal(await redis.xlen('log'), 1)
}

async function cutConnection(redis) {
  const victim = redis.duplicate({ retryStrategy: () => 10 })
  const waiting = victim.duplicate({ retryStrategy: () => 10, autoResendUnfulfilledCommands: true })
  const received = []
  victim.on('message', (channel, message) => received.push(message))
  const id = await waiting.client('ID')
  const popped = waiting.brpop('after the cut', 0)
  await victim.subscribe('still here')
  const closed = [once(victim, 'close'), once(waiting, 'close')]
  assert.ok((await redis.client('KILL', 'TYPE', 'pubsub')) >= 1)
  assert.equal(await redis.client('KILL', 'ID', id), 1)
  await Promise.all(closed)
  await eventually('a subscription renewed', async () => (await redis.publish('still here', 'heard')) === 1)
  await eventually('the message', () => received.includes('heard'))
  await redis.lpush('after the cut', 'job')
  assert.deepEqual(await popped, ['after the cut', 'job'])
  victim.disconnect()
  waiting.disconnect()
}

async function prefixAndTypes(redis) {
  const prefixed = redis.duplicate({ keyPrefix: 'app:' })
  await prefixed.sunionstore('union', await prefixed.sadd('s1', 'a').then(() => 's1'), 's2')
  assert.deepEqual(await redis.smembers('app:union'), ['a'])
  assert.equal(await prefixed.eval("return KEYS[1]", 1, 'key'), 'app:key')
  assert.equal(await prefixed.expire('union', 100), 1)
  assert.ok((await prefixed.pttl('union')) > 90_000)
  assert.equal(await prefixed.set('union', 'x', 'NX'), null)
  assert.equal(await prefixed.set('union', 'x', 'EX', 10, 'XX'), 'OK')
  assert.equal(await prefixed.unlink('union', 'none'), 1)
  prefixed.disconnect()
}

async function play(protocol) {
  const redis = new Redis(process.env.REDIS_URL, { protocol })
  const check = (claim, test) => suite.check(`RESP${protocol}: ${claim}`, () => test(redis))
  await redis.flushall()
  await check('5,000 commands in flight are answered in order', everyCommandOnce)
  await check('automatic pipelines count to 2,000', () => autoPipelining(protocol))
  await check('an error inside a pipeline is its own command\'s only', pipelineWithAnError)
  await check('transactions: replies, WATCH, EXECABORT', transactions)
  await check('scripts are sent again after SCRIPT FLUSH', scripts)
  await check('every byte and 5 MB come back as they went', binary)
  await check('1,002 messages arrive once and in order', messages)
  await check(`${WORKERS} workers in BLMOVE take ${JOBS} jobs once each`, blockingWorkers)
  await check('SCAN, SSCAN, HSCAN and ZSCAN streams find every element', scanStreams)
  await check('sorted sets', sortedSets)
  await check('streams and a consumer group', streams)
  await check('a cut connection comes back with its subscription and its BRPOP', cutConnection)
  await check('key prefixes and options', prefixAndTypes)
  redis.disconnect()
}

play(2).then(() => play(3)).finally(() => suite.finish())
