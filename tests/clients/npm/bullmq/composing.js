// Jobs made of jobs: schedulers that repeat them, flows of parents and children, deduplication.
const { assert, eventually, sameMembers, numbers } = require('../checks')
const { queueNamed, workerOn, flowProducer } = require('./application')

async function schedulers() {
  const queue = queueNamed('scheduled')
  const began = []
  workerOn('scheduled', async (job) => { began.push({ name: job.name, data: job.data, at: Date.now() }) })
  const started = Date.now()
  await queue.upsertJobScheduler('often', { every: 100, limit: 6 }, { name: 'often', data: { from: 'template' } })
  await queue.upsertJobScheduler('each second', { pattern: '* * * * * *', limit: 2 }, { name: 'cron' })
  await queue.upsertJobScheduler('yearly', { pattern: '0 0 1 1 *', tz: 'UTC' }, { name: 'yearly' })
  assert.equal(await queue.getJobSchedulersCount(), 3)
  const named = (name) => began.filter((run) => run.name === name)
  await eventually('six and two runs', () => named('often').length === 6 && named('cron').length === 2, () => began)
  assert.deepEqual(named('often')[0].data, { from: 'template' })
  // The first run may be at once; each further one waits for its slot.
  assert.ok(named('often')[5].at - started >= 400, `six runs within ${named('often')[5].at - started} ms`)
  await queue.upsertJobScheduler('yearly', { every: 3_600_000 }, { name: 'hourly' })
  assert.equal((await queue.getJobScheduler('yearly')).every, 3_600_000)
  assert.equal(await queue.removeJobScheduler('yearly'), true)
  assert.equal(await queue.removeJobScheduler('yearly'), false)
  assert.equal(named('often').length, 6)
  assert.equal(named('yearly').length, 0)
}

async function flows() {
  const producer = flowProducer()
  const child = (number) => ({ name: 'child', queueName: 'children', data: { number } })
  const tree = await producer.add({
    name: 'grandparent', queueName: 'parents', data: {},
    children: numbers(5).map((parent) => ({
      name: 'parent', queueName: 'parents', data: {}, children: numbers(10).map((number) => child(parent * 10 + number)),
    })),
  })
  const order = []
  const sum = async (job) => Object.values(await job.getChildrenValues()).reduce((total, value) => total + value, 0)
  workerOn('parents', async (job) => { order.push(job.name); return sum(job) }, { concurrency: 3 })
  workerOn('children', async (job) => { order.push(job.name); return job.data.number }, { concurrency: 10 })
  await eventually('the whole tree', async () => (await tree.job.getState()) === 'completed')
  assert.equal((await queueNamed('parents').getJob(tree.job.id)).returnvalue, 1225)
  assert.equal(order.length, 56)
  assert.equal(order.at(-1), 'grandparent')
  const { processed, unprocessed } = await tree.job.getDependencies()
  assert.equal(Object.keys(processed).length, 5)
  assert.deepEqual(unprocessed, [])
}

async function failingFlow() {
  const producer = flowProducer()
  const failing = { name: 'fails', queueName: 'bad-children', data: {}, opts: { failParentOnFailure: true } }
  const ignored = { name: 'fails', queueName: 'bad-children', data: {}, opts: { ignoreDependencyOnFailure: true } }
  workerOn('bad-children', async () => { throw new Error('on purpose') })
  workerOn('bad-parents', async (job) => Object.keys(await job.getIgnoredChildrenFailures()).length)
  const doomed = await producer.add({ name: 'doomed', queueName: 'bad-parents', children: [failing] })
  const spared = await producer.add({ name: 'spared', queueName: 'bad-parents', children: [ignored, ignored] })
  await eventually('the parent fails', async () => (await doomed.job.getState()) === 'failed')
  await eventually('the other completes', async () => (await spared.job.getState()) === 'completed')
  assert.equal((await queueNamed('bad-parents').getJob(spared.job.id)).returnvalue, 2)
}

async function deduplication() {
  const queue = queueNamed('unique')
  const jobs = await Promise.all(numbers(100).map((number) => queue.add('once', { number }, { deduplication: { id: 'same' } })))
  sameMembers(new Set(jobs.map((job) => job.id)), [jobs[0].id])
  assert.equal(await queue.getWaitingCount(), 1)
  await Promise.all(numbers(100).map(() => queue.add('same id', {}, { jobId: 'custom' })))
  assert.equal(await queue.getWaitingCount(), 2)
  assert.equal(await queue.removeDeduplicationKey('same'), 1)
  assert.notEqual((await queue.add('once', {}, { deduplication: { id: 'same' } })).id, jobs[0].id)
}

module.exports = { schedulers, flows, failingFlow, deduplication }
