// What is told about jobs, and what happens to those of a worker that died.
const path = require('node:path')
const { fork } = require('node:child_process')
const { once } = require('node:events')
const { QueueEventsProducer } = require('bullmq')
const Redis = require('ioredis')
const { assert, eventually, numbers } = require('../checks')
const { connection, queueNamed, workerOn, eventsOf } = require('./application')

async function lifeOfAJob() {
  const queue = queueNamed('watched')
  const events = await eventsOf('watched')
  const told = []
  for (const name of ['added', 'waiting', 'active', 'progress', 'completed', 'removed', 'paused', 'resumed']) {
    events.on(name, ({ jobId, data }) => told.push([name, jobId, data].filter((word) => word !== undefined)))
  }
  await queue.pause()
  const job = await queue.add('watched', { color: 'red' }, { jobId: 'job' })
  assert.equal(await queue.isPaused(), true)
  workerOn('watched', async (running) => {
    await running.updateProgress({ percent: 50 })
    await running.log('half way')
    await running.updateData({ color: 'blue' })
    return 'done'
  })
  await queue.resume()
  assert.equal(await job.waitUntilFinished(events, 20_000), 'done')
  await job.remove()
  await eventually('it is told as removed', () => told.some(([name]) => name === 'removed'), () => told)
  assert.deepEqual(told.filter(([, id]) => id).map(([name]) => name), ['added', 'waiting', 'active', 'progress', 'completed', 'removed'])
  assert.deepEqual(told.filter(([, id]) => !id).map(([name]) => name), ['paused', 'resumed'])
  assert.deepEqual(told.find(([name]) => name === 'progress')[2], { percent: 50 })
}

async function logsAndData() {
  const queue = queueNamed('logged')
  const job = await queue.add('logged', { color: 'red' })
  await Promise.all(numbers(5).map((row) => job.log(`row ${row}`)))
  const { logs, count } = await queue.getJobLogs(job.id, 1, 3)
  assert.deepEqual([logs, count], [['row 1', 'row 2', 'row 3'], 5])
  await job.updateData({ color: 'blue' })
  assert.deepEqual((await queue.getJob(job.id)).data, { color: 'blue' })
}

// A reader that comes late and starts from the stream's beginning is told everything.
async function eventsAreKept() {
  const queue = queueNamed('history')
  await queue.addBulk(numbers(100).map((number) => ({ name: 'told later', data: { number } })))
  const late = await eventsOf('history')
  const told = []
  late.on('added', ({ jobId }) => told.push(jobId))
  const producer = new QueueEventsProducer('history', { connection })
  let custom
  late.on('mine', (event) => { custom = event })
  await producer.publishEvent({ eventName: 'mine', color: 'green' })
  await eventually('the custom event', () => custom?.color === 'green')
  assert.deepEqual(told, numbers(100).map((number) => String(number + 1)))
  await producer.close()
  assert.ok((await queue.trimEvents(10)) >= 90)
}

// A process is killed with ten jobs in its hands; the locks run out, and another worker gets them.
async function stalledJobs() {
  const queue = queueNamed('stalling')
  const events = await eventsOf('stalling')
  const stalled = []
  events.on('stalled', ({ jobId }) => stalled.push(jobId))
  const jobs = await queue.addBulk(numbers(10).map((number) => ({ name: 'orphan', data: { number } })))
  const doomed = fork(path.join(__dirname, 'doomed_worker.js'))
  let begun = 0
  doomed.on('message', () => { begun += 1 })
  await eventually('ten jobs are begun', () => begun === 10, () => begun)
  assert.equal(await queue.getActiveCount(), 10)
  doomed.kill('SIGKILL')
  await once(doomed, 'exit')
  const rescued = []
  workerOn('stalling', async (job) => { rescued.push(job.id) }, { concurrency: 10, stalledInterval: 200, lockDuration: 2000 })
  await eventually('ten jobs are rescued', () => rescued.length === 10, () => queue.getJobCounts())
  await eventually('ten stalls are told', () => stalled.length === 10, () => stalled)
  assert.deepEqual([...rescued].sort(), jobs.map((job) => job.id).sort())
  await eventually('all complete', async () => (await queue.getCompletedCount()) === 10)
}

async function cleaning() {
  const queue = queueNamed('cleaned')
  await queue.addBulk(numbers(500).map((number) => ({ name: 'waits', data: { number }, opts: { delay: number % 2 ? 3_600_000 : 0 } })))
  assert.equal((await queue.clean(0, 100, 'delayed')).length, 100)
  assert.deepEqual(await queue.getJobCounts('waiting', 'delayed'), { waiting: 250, delayed: 150 })
  const [first] = await queue.getJobs(['waiting'], 0, 0, true)
  assert.equal(first.data.number, 0)
  assert.equal((await queue.getJobs(['waiting'], 10, 19, true)).length, 10)
  await queue.drain(true)
  assert.equal(await queue.count(), 0)
  await queue.add('last', {})
  await queue.obliterate({ force: true })
  const redis = new Redis(connection)
  assert.deepEqual(await redis.keys('bull:cleaned:*'), [])
  redis.disconnect()
}

module.exports = { lifeOfAJob, logsAndData, eventsAreKept, stalledJobs, cleaning }
