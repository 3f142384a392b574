// Bee-Queue, which runs on the old node_redis 3: jobs, retries, failures, timeouts, delays, progress, stalled jobs.
const Queue = require('bee-queue')
const { Checks, assert, eventually, sameMembers, numbers } = require('./checks')

const JOBS = 1000
const STALL_MS = 300

const suite = new Checks('bee-queue')
const queueNamed = (name, settings = {}) => new Queue(name, { redis: { url: process.env.REDIS_URL }, ...settings })

async function manyJobs() {
  const queue = queueNamed('many')
  const workers = [queueNamed('many'), queueNamed('many')]
  const jobs = numbers(JOBS).map((number) => queue.createJob({ number }))
  const results = new Map()
  queue.on('job succeeded', (id, result) => results.set(id, result))
  await Promise.all(jobs.slice(0, JOBS / 2).map((job) => job.save()))
  assert.equal((await queue.saveAll(jobs.slice(JOBS / 2))).size, 0)
  assert.equal((await queue.checkHealth()).waiting, JOBS)
  const done = []
  workers.forEach((worker) => worker.process(10, async (job) => done.push(job.data.number) && job.data.number * 2))
  await eventually('every job succeeded', () => results.size === JOBS, () => queue.checkHealth())
  sameMembers(done, numbers(JOBS))
  assert.ok(jobs.every((job) => results.get(job.id) === job.data.number * 2))
  const { waiting, active, succeeded, failed, delayed, newestJob } = await queue.checkHealth()
  assert.deepEqual({ waiting, active, failed, delayed, newestJob: Number(newestJob) },
    { waiting: 0, active: 0, failed: 0, delayed: 0, newestJob: JOBS })
  assert.equal(succeeded, JOBS)
  await Promise.all([queue, ...workers].map((one) => one.close()))
}

async function retriesAndFailures() {
  const queue = queueNamed('failing', { removeOnSuccess: true, activateDelayedJobs: true })
  const tries = {}
  const events = []
  queue.on('job retrying', (id) => events.push(`retrying ${id}`))
  queue.on('job failed', (id, error) => events.push(`failed ${id} ${error.message}`))
  queue.on('job succeeded', (id) => events.push(`succeeded ${id}`))
  await queue.createJob({ failures: 2 }).setId('recovers').retries(2).backoff('fixed', 10).save()
  await queue.createJob({ failures: 9 }).setId('gives-up').retries(1).save()
  await queue.createJob({ hangs: true }).setId('hangs').timeout(20).save()
  queue.process(3, async (job) => {
    tries[job.id] = (tries[job.id] ?? 0) + 1
    if (job.data.hangs) return new Promise(() => {})
    if (tries[job.id] <= job.data.failures) throw new Error('on purpose')
  })
  await eventually('six events', () => events.length === 6, () => events)
  sameMembers(events, ['retrying recovers', 'retrying recovers', 'succeeded recovers', 'retrying gives-up',
    'failed gives-up on purpose', 'failed hangs Job hangs timed out (20 ms)'])
  assert.deepEqual(tries, { recovers: 3, 'gives-up': 2, hangs: 1 })
  sameMembers((await queue.getJobs('failed', { size: 100 })).map((job) => job.id), ['gives-up', 'hangs'])
  assert.equal(await queue.getJob('recovers'), null)
  await queue.removeJob('hangs')
  assert.equal((await queue.checkHealth()).failed, 1)
  await queue.close()
}

async function delayedJobs() {
  const queue = queueNamed('delayed', { activateDelayedJobs: true, delayedDebounce: 10 })
  const due = Date.now() + 300
  const started = {}
  await Promise.all(numbers(50).map((number) => queue.createJob({}).setId(`soon-${number}`).delayUntil(due + number).save()))
  await queue.createJob({}).setId('much later').delayUntil(due + 3_600_000).save()
  assert.equal((await queue.checkHealth()).delayed, 51)
  queue.process(5, async (job) => { started[job.id] = Date.now() })
  await eventually('50 delayed jobs', () => Object.keys(started).length === 50, () => queue.checkHealth())
  numbers(50).forEach((number) => assert.ok(started[`soon-${number}`] >= due + number, `soon-${number} ran early`))
  assert.deepEqual((await queue.getJobs('delayed', { start: 0, end: 9 })).map((job) => job.id), ['much later'])
  await queue.close()
}

async function progress() {
  const queue = queueNamed('progress')
  const job = queue.createJob({ pages: 3 })
  const reported = []
  job.on('progress', (page) => reported.push(page))
  const succeeded = new Promise((resolve) => job.on('succeeded', resolve))
  await job.save()
  queue.process(async (running) => {
    for (const page of numbers(running.data.pages)) running.reportProgress({ page })
    return 'all'
  })
  assert.equal(await succeeded, 'all')
  await eventually('three reports', () => reported.length === 3, () => reported)
  assert.deepEqual(reported, numbers(3).map((page) => ({ page })))
  await queue.close()
}

// A worker that dies in the middle of its job: its connections close and nobody says that the job is alive.
async function stalledJobs() {
  const settings = { stallInterval: STALL_MS }
  const queue = queueNamed('stalling', { ...settings, isWorker: false })
  const dying = queueNamed('stalling', settings)
  let taken
  const begun = new Promise((resolve) => { taken = resolve })
  dying.on('error', () => {})
  dying.process(() => { taken(); return new Promise(() => {}) })
  await queue.createJob({}).setId('orphan').save()
  await begun
  await dying.close(1).catch(() => {})
  assert.equal((await queue.checkHealth()).active, 1)
  const rescuer = queueNamed('stalling', settings)
  const rescued = []
  rescuer.process(async (job) => { rescued.push(job.id) })
  await eventually('the job is found stalled', async () => {
    await rescuer.checkStalledJobs()
    return rescued.length > 0
  })
  await eventually('it succeeds', async () => (await queue.checkHealth()).succeeded === 1)
  assert.deepEqual(rescued, ['orphan'])
  await Promise.all([queue.close(), rescuer.close()])
}

async function destroy() {
  const queue = queueNamed('many')
  assert.ok((await queue.destroy()) >= 2)
  const { waiting, succeeded, newestJob } = await queue.checkHealth()
  assert.deepEqual([waiting, succeeded, Number(newestJob)], [0, 0, 0])
  await queue.close()
}

async function play() {
  await suite.check(`${JOBS} jobs run once each and their results arrive`, manyJobs)
  await suite.check('failing jobs are tried again or end as failed, hanging ones time out', retriesAndFailures)
  await suite.check('delayed jobs run when due and not before', delayedJobs)
  await suite.check('progress reports arrive in order', progress)
  await suite.check('the job of a worker that died runs elsewhere', stalledJobs)
  await suite.check('destroy leaves nothing', destroy)
}

play().finally(() => suite.finish())
