// A worker process that takes jobs and never ends them; it tells its parent of each and is killed.
const { Worker } = require('bullmq')
const { connection } = require('./application')

// Until this is over no other worker looks for stalled jobs.
const STALLED_INTERVAL_MS = 200

new Worker('stalling', (job) => {
  process.send(job.id)
  return new Promise(() => {})
}, { connection, concurrency: 10, lockDuration: 1000, stalledInterval: STALLED_INTERVAL_MS })
