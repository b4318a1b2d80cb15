// Portman makes a Postman collection, which newman runs: the example with
// status, media type and schema, and requests that lack a mandatory member or
// lie beyond a limit. It looks at the first example for every fuzzed member, so
// each example has a document with its members alone, and a collection.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { narrow, path, request, token, write } from './document.mjs'
import { must, run as start } from './run.mjs'

const operation = 'POST::/v5/{project_id}/vpn-connection'
const checks = code => [{
  openApiOperation: operation,
  statusCode: { enabled: true, code },
  contentType: { enabled: true },
  jsonBody: { enabled: true },
  headersPresent: { enabled: true },
  schemaValidation: { enabled: true, additionalProperties: false },
}]
const fuzzed = ['requiredFields', 'minimumNumberFields', 'maximumNumberFields', 'minLengthFields', 'maxLengthFields']
const config = {
  version: 1.0,
  globals: { securityOverwrites: { apiKey: { key: 'X-Auth-Token', value: token, in: 'header' } } },
  tests: {
    contractTests: checks(201),
    variationTests: [{
      openApiOperation: operation,
      openApiResponse: '400',
      variations: [{
        name: 'refused',
        openApiResponse: '400',
        fuzzing: [{ requestBody: [Object.fromEntries(fuzzed.map(name => [name, { enabled: true }]))] }],
        tests: { contractTests: checks(400) },
      }],
    }],
  },
}

export function prepare(dir) {
  let whole
  const documents = write(dir, doc => {
    const media = doc.paths[path].post.requestBody.content['application/json']
    media.schema = narrow(doc, media.schema, request(doc))
    return doc
  })
  writeFileSync(join(dir, 'portman.json'), JSON.stringify(config))
  for (const [name, folder] of documents) {
    must('portman', ['--local', 'openapi.json', '--output', 'collection.json', '--portmanConfigFile', '../portman.json'], folder)
    const made = JSON.parse(readFileSync(join(folder, 'collection.json'), 'utf8'))
    whole ??= { ...made, item: [] }
    whole.item.push({ name, item: made.item })
  }
  writeFileSync(join(dir, 'collection.json'), JSON.stringify(whole))
}

export function run(dir, url) {
  return start('newman', ['run', 'collection.json', '--env-var', `baseUrl=${url}`, '--color', 'off', '--disable-unicode', '--timeout-request', '10000'], dir)
}
