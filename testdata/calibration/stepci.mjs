// Step CI makes one test of the first example; three documents make three
// tests of one workflow. Values are not compared with those of the example,
// most of which the server chooses: status and schema are.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { token, write } from './document.mjs'
import { must, run as start } from './run.mjs'

export function prepare(dir) {
  let whole
  for (const [name, folder] of write(dir)) {
    must('stepci', ['generate', 'openapi.json', 'workflow.yml', '--checkExamples=false'], folder)
    const made = parse(readFileSync(join(folder, 'workflow.yml'), 'utf8'))
    whole ??= { ...made, tests: {} }
    for (const [test, value] of Object.entries(made.tests)) {
      for (const step of value.steps) step.http.headers = { ...step.http.headers, 'X-Auth-Token': token }
      whole.tests[`${name} ${test}`] = value
    }
  }
  writeFileSync(join(dir, 'workflow.yml'), stringify(whole).replaceAll('http://127.0.0.1', '${{env.url}}'))
}

export const run = (dir, url) => start('stepci', ['run', 'workflow.yml', '--env', `url=${url}`], dir)
