// What node-redis sends in either protocol: typed replies, pipelines, transactions, scripts, messages, pooled
// blocking pops, iterators, streams, and a connection that is cut.
const { createClient, createClientPool, defineScript, RESP_TYPES, WatchError } = require('redis')
const { Checks, assert, eventually, sameMembers, numbers } = require('./checks')

const JOBS = 1000
const WORKERS = 4

const suite = new Checks('node-redis')

const addTwice = defineScript({
  SCRIPT: "redis.call('INCRBY', KEYS[1], ARGV[1]) return redis.call('INCRBY', KEYS[1], ARGV[1])",
  NUMBER_OF_KEYS: 1,
  parseCommand(parser, key, amount) {
    parser.pushKey(key)
    parser.push(String(amount))
  },
  transformReply: (reply) => reply,
})

// Connects with this suite's settings; an error event would otherwise end the process.
async function connect(protocol, options = {}) {
  const client = createClient({ url: process.env.REDIS_URL, RESP: protocol, scripts: { addTwice }, ...options })
  client.on('error', () => {})
  return client.connect()
}

async function commandsInFlight(client) {
  assert.ok((await Promise.all(numbers(5000).map((number) => client.set(`key:${number}`, number)))).every((reply) => reply === 'OK'))
  assert.deepEqual(await client.mGet(numbers(5000).map((number) => `key:${number}`)), numbers(5000).map(String))
  assert.deepEqual(await Promise.all(numbers(2000).map(() => client.incr('counter'))), numbers(2000).map((number) => number + 1))
}

async function typedReplies(client) {
  await client.hSet('hash', { a: 1, b: 'two' })
  assert.deepEqual({ ...(await client.hGetAll('hash')) }, { a: '1', b: 'two' })
  await client.zAdd('scores', [{ value: 'a', score: 1.5 }, { value: 'b', score: -Infinity }, { value: 'c', score: 3 }])
  assert.deepEqual(await client.zRangeWithScores('scores', 0, -1),
    [{ value: 'b', score: -Infinity }, { value: 'a', score: 1.5 }, { value: 'c', score: 3 }])
  assert.equal(await client.zScore('scores', 'a'), 1.5)
  assert.equal(await client.zIncrBy('scores', 0.1, 'a'), 1.6)
  assert.deepEqual(await client.zPopMax('scores'), { value: 'c', score: 3 })
  assert.deepEqual(await client.bzPopMin('scores', 1), { key: 'scores', value: 'b', score: -Infinity })
  await client.sAdd('set', ['x', 'y'])
  sameMembers(await client.sMembers('set'), ['x', 'y'])
  assert.deepEqual(await client.smIsMember('set', ['x', 'z']), [1, 0])
  assert.equal(await client.sIsMember('set', 'x'), 1)
  assert.equal(await client.expire('set', 100), 1)
  assert.ok((await client.pTTL('set')) > 90_000)
  assert.deepEqual({ ...(await client.configGet('maxmemory-policy')) }, { 'maxmemory-policy': 'noeviction' })
  assert.equal(await client.incrByFloat('float', 0.1), '0.1')
  assert.equal((await client.clientInfo()).db, 0)
  assert.equal(await client.get('none'), null)
  assert.deepEqual(await client.lmPop(['none', 'list'], 'LEFT'), null)
}

async function binary(client) {
  const bytes = Buffer.from(numbers(256))
  const buffers = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
  await client.set(bytes, bytes)
  assert.deepEqual(await buffers.get(bytes), bytes)
  const big = Buffer.alloc(5_000_000, 'job')
  await client.set('big', big)
  assert.deepEqual(await buffers.get('big'), big)
}

async function transactions(client, protocol) {
  assert.deepEqual(await client.multi().set('a', 1).incr('a').get('a').exec(), ['OK', 2, '2'])
  await client.watch('a')
  const other = await connect(protocol)
  await other.set('a', 'changed by another')
  await assert.rejects(client.multi().set('a', 'not set').exec(), WatchError)
  assert.equal(await client.get('a'), 'changed by another')
  const failed = await client.multi().incr('a').set('b', 1).exec().catch((error) => error)
  assert.match(failed.replies[0].message, /not an integer/)
  assert.equal(failed.replies[1], 'OK')
  assert.deepEqual(await client.multi().set('c', 1).get('c').execAsPipeline(), ['OK', '1'])
  other.destroy()
}

async function scripts(client) {
  assert.equal(await client.addTwice('scripted', 5), 10)
  await client.scriptFlush()
  assert.equal(await client.addTwice('scripted', 5), 20)
  assert.deepEqual(await client.multi().addTwice('scripted', 1).exec(), [22])
  assert.deepEqual(await client.eval('return {KEYS[1], ARGV[1], 3.9}', { keys: ['k'], arguments: ['v'] }), ['k', 'v', 3])
}

async function messages(client, protocol) {
  const subscriber = await connect(protocol)
  const received = []
  await subscriber.subscribe(['jobs', 'news'], (message, channel) => received.push(`${channel} ${message}`))
  await subscriber.pSubscribe('n?ws', (message, channel) => received.push(`pattern ${channel} ${message}`))
  const receivers = await Promise.all(numbers(1000).map((number) => client.publish('jobs', String(number))))
  assert.ok(receivers.every((count) => count === 1))
  assert.equal(await client.publish('news', 'twice'), 2)
  await eventually('1,002 messages', () => received.length >= 1002, () => received.length)
  assert.deepEqual(received, [...numbers(1000).map((number) => `jobs ${number}`), 'news twice', 'pattern news twice'])
  assert.deepEqual({ ...(await client.pubSubNumSub(['jobs', 'none'])) }, { jobs: 1, none: 0 })
  // Only RESP3 allows other commands on a connection that is subscribed.
  if (protocol === 3) assert.equal(await subscriber.echo('in between'), 'in between')
  await subscriber.unsubscribe()
  await subscriber.pUnsubscribe()
  // In RESP2 this client goes on to answer such a connection's commands in Buffers.
  assert.equal(String(await subscriber.echo('an ordinary connection again')), 'an ordinary connection again')
  subscriber.destroy()
}

async function pooledWorkers(client, protocol) {
  const pool = createClientPool({ url: process.env.REDIS_URL, RESP: protocol }, { minimum: WORKERS, maximum: WORKERS })
  pool.on('error', () => {})
  await pool.connect()
  const done = []
  const work = async () => {
    for (;;) {
      const { element } = await pool.brPop(['critical', 'default'], 0)
      if (element === 'stop') return
      done.push(element)
    }
  }
  const workers = numbers(WORKERS).map(work)
  await Promise.all(numbers(JOBS).map((number) => client.lPush(number % 2 ? 'default' : 'critical', String(number))))
  await eventually('every job is taken', () => done.length === JOBS, () => done.length)
  await client.lPush('default', numbers(WORKERS).map(() => 'stop'))
  await Promise.all(workers)
  sameMembers(done, numbers(JOBS))
  assert.equal(await client.brPop('default', 0.01), null)
  pool.destroy()
}

async function iterators(client) {
  const members = numbers(3000).map((number) => `member:${number}`)
  await client.sAdd('scan:set', members)
  await client.hSet('scan:hash', Object.fromEntries(members.map((member) => [member, member])))
  await client.zAdd('scan:zset', members.map((value, score) => ({ value, score })))
  await client.mSet(Object.fromEntries(members.map((member) => [member, '1'])))
  const collect = async (iterator, name) => {
    const found = new Set()
    for await (const part of iterator) part.forEach((element) => found.add(name(element)))
    return found
  }
  const itself = (element) => element
  sameMembers(await collect(client.sScanIterator('scan:set', { COUNT: 100 }), itself), members)
  sameMembers(await collect(client.hScanIterator('scan:hash', { COUNT: 100 }), ({ field }) => field), members)
  sameMembers(await collect(client.zScanIterator('scan:zset', { COUNT: 100 }), ({ value }) => value), members)
  sameMembers(await collect(client.scanIterator({ MATCH: 'member:*', TYPE: 'string' }), itself), members)
}

async function streams(client, protocol) {
  const reader = await connect(protocol)
  const read = reader.xRead({ key: 'log', id: '$' }, { BLOCK: 0 })
  await Promise.race([read, eventually('XREAD waits', async () => /blocked_clients:1/.test(await client.info('clients')))])
  const id = await client.xAdd('log', '*', { event: 'first' })
  const [stream] = await read
  assert.deepEqual([stream.name, stream.messages[0].id, { ...stream.messages[0].message }], ['log', id, { event: 'first' }])
  await client.xGroupCreate('log', 'group', '0')
  const [{ messages: entries }] = await client.xReadGroup('group', 'me', { key: 'log', id: '>' })
  assert.equal(entries[0].id, id)
  assert.equal((await client.xPending('log', 'group')).pending, 1)
  assert.equal(await client.xAck('log', 'group', id), 1)
  assert.equal((await client.xInfoStream('log')).length, 1)
  assert.equal((await client.xInfoGroups('log'))[0].lag, 0)
  reader.destroy()
}

async function cutConnection(client, protocol) {
  const victim = await connect(protocol, { socket: { reconnectStrategy: () => 10 } })
  const received = []
  await victim.subscribe('still here', (message) => received.push(message))
  const ended = new Promise((resolve) => victim.once('error', resolve))
  assert.ok((await client.clientKill({ filter: 'TYPE', type: 'pubsub' })) >= 1)
  await ended
  await eventually('the subscription is renewed', async () => (await client.publish('still here', 'heard')) === 1)
  await eventually('the message', () => received.includes('heard'))
  await victim.unsubscribe()
  assert.equal(String(await victim.ping()), 'PONG')
  victim.destroy()
}

async function play(protocol) {
  const client = await connect(protocol)
  const check = (claim, test) => suite.check(`RESP${protocol}: ${claim}`, () => test(client, protocol))
  await client.flushAll()
  await check('7,000 commands in flight are answered in order', commandsInFlight)
  await check('replies have the types that the client expects', typedReplies)
  await check('every byte and 5 MB come back as they went', binary)
  await check('transactions: replies, WATCH, an error in their midst', transactions)
  await check('scripts are sent again after SCRIPT FLUSH', scripts)
  await check('1,002 messages arrive once and in order', messages)
  await check(`${WORKERS} pooled connections in BRPOP take ${JOBS} jobs once each`, pooledWorkers)
  await check('iterators find every element', iterators)
  await check('streams and a consumer group', streams)
  await check('a cut connection comes back with its subscription', cutConnection)
  client.destroy()
}

play(2).then(() => play(3)).finally(() => suite.finish())
