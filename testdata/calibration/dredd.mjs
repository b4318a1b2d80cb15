// Dredd sends the example of each documented answer and compares its members
// and their types. For the answer 400 a hook takes a mandatory member away.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { read, token, write } from './document.mjs'
import { run as start } from './run.mjs'

const hooks = `const hooks = require('hooks')
hooks.beforeEach(t => {
  t.skip = false
  t.request.headers['X-Auth-Token'] = '${token}'
  if (t.expected.statusCode !== '400') return
  const body = JSON.parse(t.request.body)
  delete body.vpn_connection.vgw_id
  t.request.body = JSON.stringify(body)
})
`

export function prepare(dir) {
  write(dir)
  writeFileSync(join(dir, 'hooks.cjs'), hooks)
}

export function run(dir, url) {
  const [first, ...others] = read().names.map(name => `${name}/openapi.json`)
  return start('dredd', [first, url, ...others.flatMap(doc => ['--path', doc]), '--hookfiles', 'hooks.cjs', '--no-color', '--loglevel', 'error'], dir)
}
