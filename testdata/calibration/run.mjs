// Runs an installed program, and ends with it.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

export const modules = fileURLToPath(new URL('node_modules', import.meta.url))
const quiet = {
  STEPCI_DISABLE_ANALYTICS: '1',
  REDOCLY_TELEMETRY: 'off',
  REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
  SPECMATIC_DISABLE_TELEMETRY: 'true',
  NO_COLOR: '1',
}

// run runs a program of node_modules/.bin, or one of the PATH, in a folder, and
// returns its exit status.
export function run(program, args, cwd, env = {}) {
  const found = program === 'java' ? program : join(modules, '.bin', program)
  const done = spawnSync(found, args, { cwd, env: { ...process.env, ...quiet, ...env }, stdio: ['ignore', 'inherit', 'inherit'] })
  if (done.error) throw done.error
  return done.status ?? 1
}

// must runs a program that prepares something.
export function must(...args) {
  const status = run(...args)
  if (status !== 0) throw new Error(`${args[0]} ${args[1].join(' ')}: exit status ${status}`)
}
