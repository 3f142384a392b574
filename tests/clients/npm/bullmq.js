// BullMQ as applications use it; see bullmq/ for what each claim means.
const { Checks } = require('./checks')
const { closeAll } = require('./bullmq/application')
const running = require('./bullmq/running')
const composing = require('./bullmq/composing')
const watching = require('./bullmq/watching')

const suite = new Checks('bullmq')

async function play() {
  for (const [claim, test] of [
    [`${running.JOBS} jobs run once each on two workers and their results arrive`, running.manyJobs],
    ['delayed jobs run when due; they can be moved and promoted', running.delayedJobs],
    ['jobs run by priority, LIFO ones first', running.priorities],
    ['failing jobs are tried again or end as failed', running.failures],
    ['40 jobs at ten in 200 ms take their time', running.rateLimit],
    ['schedulers repeat their jobs as often as they should', composing.schedulers],
    ['a flow of 56 jobs runs from the leaves to the root', composing.flows],
    ['a failing child fails its parent or is ignored, as asked', composing.failingFlow],
    ['100 additions with one deduplication id make one job', composing.deduplication],
    ['the life of a job is told in order', watching.lifeOfAJob],
    ['logs and data of a job', watching.logsAndData],
    ['events are kept and told to a late reader', watching.eventsAreKept],
    ['ten jobs of a killed worker run elsewhere', watching.stalledJobs],
    ['queues are cleaned, paged, drained and obliterated', watching.cleaning],
  ]) {
    await suite.check(claim, () => test().finally(closeAll))
  }
}

play().finally(() => suite.finish())
