// Measures every tester on the same healthy, faulty and null servers, one after
// the other, and prints the results: `peers.mjs VPNCONFORM SAMPLE [NAME...]`.
// The kit itself is measured on the sample too, and on everything. What a run
// takes goes to the standard error, since it is never the same twice.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const [kit, sample, ...chosen] = process.argv.slice(2)
const dir = mkdtempSync(join(tmpdir(), 'peers-'))
const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))

const peers = [
  { name: 'dredd', packages: ['dredd'], mode: 'the 3 examples, and 3 requests without a mandatory member, which are to be refused' },
  { name: 'portman', packages: ['@apideck/portman', 'newman', 'tslib'], mode: 'the 3 examples, and each with one member missing or beyond a limit' },
  { name: 'stepci', packages: ['stepci'], mode: 'the 3 examples, the answer held to its schema' },
  { name: 'respect', packages: ['@redocly/cli'], mode: 'the 3 examples, the answer held to its schema' },
  { name: 'specmatic', packages: ['specmatic'], mode: 'the 3 examples, and requests made by breaking one member; none made to be accepted, which the healthy implementation refuses' },
]

// calibrate gives what the kit's command says of a tester, or of itself.
function calibrate(name, args) {
  const file = join(dir, `${name}.json`)
  const done = spawnSync(resolve(kit), ['calibrate', ...args, '--jobs', '2', '--report', `json=${file}`], { encoding: 'utf8', maxBuffer: 1 << 26 })
  if (done.error) throw done.error
  if (![0, 1, 4].includes(done.status)) throw new Error(`${name}: ${done.stderr}`)
  console.error(`${name}: ${done.stdout.trim().split('\n').pop()}`)
  return JSON.parse(readFileSync(file, 'utf8'))
}

// table counts what was noticed, and tells whether the healthy server passes:
// if not, nothing else counts.
function table(found) {
  const kinds = {}
  for (const f of found.faults) {
    const kind = kinds[f.kind] ??= { tried: 0, noticed: 0, equivalent: 0 }
    kind.tried++
    if (f.case) kind.noticed++
    else if (f.equivalent) kind.equivalent++
  }
  const sum = key => Object.values(kinds).reduce((n, kind) => n + kind[key], 0)
  return {
    healthy: !found.void?.some(text => text.includes('healthy')),
    faults: { tried: sum('tried'), noticed: sum('noticed'), equivalent: sum('equivalent') },
    kinds: Object.fromEntries(Object.entries(kinds).sort(([a], [b]) => (a < b ? -1 : 1))),
    nulls: { tried: found.nulls.length, accepted: found.nulls.filter(n => n.passed?.length).map(n => n.name) },
  }
}

// seconds says how long something takes.
function seconds(work) {
  const start = process.hrtime.bigint()
  work()
  return (Number(process.hrtime.bigint() - start) / 1e9).toFixed(1)
}

function measure({ name, packages, mode }) {
  const out = { name, version: packages.map(p => `${p} ${dependencies[p]}`).join(', '), mode, command: `node testdata/calibration/drive.mjs ${name} run DIR {url}` }
  if (name === 'specmatic' && spawnSync('java', ['-version']).error) return { ...out, missing: 'there is no java, which it needs' }
  const work = join(dir, name)
  try {
    execFileSync(process.execPath, [join(here, 'drive.mjs'), name, 'prepare', work], { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (e) {
    return { ...out, missing: `what it needs cannot be made: ${String(e.stderr).trim().split('\n')[0]}` }
  }
  const drive = `${process.execPath} ${join(here, 'drive.mjs')} ${name} run ${work} {url}`
  const found = calibrate(name, ['--sample', sample, '--exec', drive, '--timeout', '600s'])
  return { ...out, ...table(found) }
}

try {
  const results = {
    sample: `The first ${sample} of each kind of fault in the order of vpnconform faults, and the first ${sample} null servers of each kind; nothing is drawn at random.`,
    testers: [],
  }
  const itself = { version: 'this commit', mode: 'all its cases, with --strict' }
  for (const [name, args] of [['vpnconform', ['--sample', sample]], ['vpnconform-all', []]]) {
    const found = calibrate(name, args)
    results.testers.push({ name, ...itself, command: ['vpnconform calibrate', ...args].join(' '), ...table(found) })
  }
  for (const peer of peers) {
    if (chosen.length && !chosen.includes(peer.name)) continue
    let made
    const took = seconds(() => { made = measure(peer) })
    console.error(`${peer.name}: ${took} s in all`)
    results.testers.push(made)
  }
  console.log(JSON.stringify(results, null, 2))
} finally {
  rmSync(dir, { recursive: true })
}
