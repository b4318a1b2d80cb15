// Redocly Respect makes one step of the first example; three documents make
// three workflows. It checks status, media type and schema.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { read, token, write } from './document.mjs'
import { must, run as start } from './run.mjs'

export function prepare(dir) {
  for (const [, folder] of write(dir)) {
    must('redocly', ['generate-arazzo', 'openapi.json', '--output-file', 'made.arazzo.yaml'], folder)
  }
}

export function run(dir, url) {
  return start('redocly', ['respect', ...read().names.map(name => `${name}/made.arazzo.yaml`), '--server', `openapi=${url}`, '--input', `token=${token}`], dir)
}
