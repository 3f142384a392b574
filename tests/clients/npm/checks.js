// Named checks, run in order; one that fails is reported and the next goes on.
const assert = require('node:assert/strict')

const DEADLINE_MS = 30_000
const POLL_MS = 10

class Checks {
  constructor(suite) {
    this.suite = suite
    this.passed = 0
    this.failed = 0
  }

  async check(claim, test) {
    const started = performance.now()
    try {
      await within(2 * DEADLINE_MS, test())
      this.passed += 1
      console.log(`ok      ${claim} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
    } catch (error) {
      this.failed += 1
      console.log(`FAILED  ${claim}\n        ${error.stack ?? error}`)
    }
  }

  // Prints the closing line and ends the process, whatever a client may still keep open.
  finish() {
    console.log(`${this.suite}: ${this.passed} passed, ${this.failed} failed`)
    process.exit(this.failed || !this.passed ? 1 : 0)
  }
}

// Rejects when the promise has not settled in time: a lost reply must be a failure, not a hang.
function within(milliseconds, promise) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

// Waits until condition() is true; after the deadline fails with what was awaited and what state() says.
async function eventually(what, condition, state = () => '') {
  const deadline = performance.now() + DEADLINE_MS
  while (!(await condition())) {
    if (performance.now() > deadline) assert.fail(`not within ${DEADLINE_MS} ms: ${what} ${JSON.stringify(await state())}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

// The same elements equally often, in whatever order.
function sameMembers(actual, expected) {
  const sorted = (list) => [...list].map(String).sort()
  assert.deepEqual(sorted(actual), sorted(expected))
}

const numbers = (count) => Array.from({ length: count }, (_, number) => number)

module.exports = { Checks, assert, eventually, sameMembers, numbers }
