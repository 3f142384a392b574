// What every chapter of the BullMQ suite shares: queues and workers on the server under test, closed at a chapter's end.
const { FlowProducer, Queue, QueueEvents, Worker } = require('bullmq')

const { hostname, port } = new URL(process.env.REDIS_URL)
const connection = { host: hostname, port: Number(port) }
const open = []

// Closed in the order of opening by closeAll(), whatever became of the chapter.
function remember(one) {
  one.on('error', () => {})
  open.push(one)
  return one
}

const queueNamed = (name, options) => remember(new Queue(name, { connection, ...options }))
const workerOn = (name, work, options) => remember(new Worker(name, work, { connection, ...options }))
const flowProducer = () => remember(new FlowProducer({ connection }))

// Tells all events of a queue, also those before its first read.
async function eventsOf(name) {
  const events = remember(new QueueEvents(name, { connection, lastEventId: '0-0' }))
  await events.waitUntilReady()
  return events
}

// A worker must not wait for jobs that hang on purpose.
async function closeAll() {
  await Promise.all(open.splice(0).map((one) => (one instanceof Worker ? one.close(true) : one.close())))
}

module.exports = { connection, queueNamed, workerOn, flowProducer, eventsOf, closeAll }
