// Jobs that run: very many, delayed, by priority, failing, limited in rate.
const { UnrecoverableError } = require('bullmq')
const { assert, eventually, sameMembers, numbers } = require('../checks')
const { queueNamed, workerOn, eventsOf } = require('./application')

const JOBS = 1000

async function manyJobs() {
  const queue = queueNamed('many')
  const events = await eventsOf('many')
  const results = new Map()
  events.on('completed', ({ jobId, returnvalue }) => results.set(jobId, returnvalue))
  const added = await Promise.all(numbers(JOBS / 2).map((number) => queue.add('one', { number })))
  added.push(...await queue.addBulk(numbers(JOBS / 2).map((number) => ({ name: 'bulk', data: { number: number + JOBS / 2 } }))))
  assert.equal(new Set(added.map((job) => job.id)).size, JOBS)
  assert.equal(await queue.getWaitingCount(), JOBS)
  const done = []
  const work = async (job) => { done.push(job.data.number); return job.data.number * 2 }
  numbers(2).forEach(() => workerOn('many', work, { concurrency: 20 }))
  await eventually('every result', () => results.size === JOBS, () => queue.getJobCounts())
  sameMembers(done, numbers(JOBS))
  added.forEach((job) => assert.equal(Number(results.get(job.id)), job.data.number * 2))
  assert.deepEqual(await queue.getJobCounts('waiting', 'active', 'delayed', 'failed', 'completed'),
    { waiting: 0, active: 0, delayed: 0, failed: 0, completed: JOBS })
  const last = await queue.add('last', { number: 21 })
  assert.equal(await last.waitUntilFinished(events, 20_000), 42)
}

async function delayedJobs() {
  const queue = queueNamed('delayed')
  const began = {}
  workerOn('delayed', async (job) => { began[job.name] = Date.now() })
  const due = Date.now() + 300
  await queue.addBulk(numbers(50).map((number) => ({ name: `soon-${number}`, data: {}, opts: { delay: due + number * 4 - Date.now() } })))
  const later = await queue.add('later', {}, { delay: 3_600_000 })
  const moved = await queue.add('moved', {}, { delay: 3_600_000 })
  const promoted = await queue.add('promoted', {}, { delay: 3_600_000 })
  assert.equal(await later.getState(), 'delayed')
  await moved.changeDelay(10)
  await promoted.promote()
  await eventually('52 jobs', () => Object.keys(began).length === 52, () => queue.getJobCounts())
  numbers(50).forEach((number) => assert.ok(began[`soon-${number}`] >= due + number * 4 - 1, `soon-${number} ran early`))
  assert.deepEqual((await queue.getDelayed()).map((job) => job.name), ['later'])
}

async function priorities() {
  const queue = queueNamed('priorities')
  await queue.addBulk([5, 1, 3, 2, 4].map((priority) => ({ name: `p${priority}`, data: {}, opts: { priority } })))
  const raised = await queue.add('raised', {}, { priority: 100 })
  await queue.add('first', {})
  await queue.add('lifo', {}, { lifo: true })
  await raised.changePriority({ priority: 1 })
  assert.equal(await queue.getPrioritizedCount(), 6)
  assert.deepEqual(await queue.getCountsPerPriority([0, 1, 2]), { 0: 2, 1: 2, 2: 1 })
  const order = []
  workerOn('priorities', async (job) => { order.push(job.name) })
  await eventually('eight jobs', () => order.length === 8, () => order)
  assert.deepEqual(order, ['lifo', 'first', 'p1', 'raised', 'p2', 'p3', 'p4', 'p5'])
}

async function failures() {
  const queue = queueNamed('failing')
  const events = await eventsOf('failing')
  const tries = {}
  workerOn('failing', async (job) => {
    tries[job.name] = (tries[job.name] ?? 0) + 1
    if (job.data.hopeless) throw new UnrecoverableError('hopeless')
    if (tries[job.name] <= job.data.failures) throw new Error('on purpose')
    return 'at last'
  }, { concurrency: 5 })
  const recovers = await queue.add('recovers', { failures: 2 }, { attempts: 3, backoff: { type: 'exponential', delay: 10 } })
  const gives = await queue.add('gives up', { failures: 2 }, { attempts: 2 })
  const hopeless = await queue.add('hopeless', { hopeless: true }, { attempts: 5 })
  assert.equal(await recovers.waitUntilFinished(events, 20_000), 'at last')
  await assert.rejects(gives.waitUntilFinished(events, 20_000), /on purpose/)
  await assert.rejects(hopeless.waitUntilFinished(events, 20_000), /hopeless/)
  assert.deepEqual(tries, { recovers: 3, 'gives up': 2, hopeless: 1 })
  const failed = await queue.getFailed()
  sameMembers(failed.map((job) => `${job.name}: ${job.failedReason}, ${job.attemptsMade}`), ['gives up: on purpose, 2', 'hopeless: hopeless, 1'])
  await failed.find((job) => job.name === 'gives up').retry()
  await eventually('it completes', async () => (await gives.getState()) === 'completed')
}

// 40 jobs at ten in 200 ms: between the first and the last lie three whole windows, however busy the machine is.
async function rateLimit() {
  const queue = queueNamed('limited')
  await queue.addBulk(numbers(40).map((number) => ({ name: 'limited', data: { number } })))
  const started = Date.now()
  const began = []
  workerOn('limited', async () => { began.push(Date.now()) }, { concurrency: 50, limiter: { max: 10, duration: 200 } })
  await eventually('40 jobs', () => began.length === 40, () => queue.getJobCounts())
  assert.ok(began[39] - started >= 590, `all within ${began[39] - started} ms`)
}

module.exports = { JOBS, manyJobs, delayedJobs, priorities, failures, rateLimit }
