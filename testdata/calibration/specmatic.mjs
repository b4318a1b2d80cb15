// Specmatic sends the examples, and requests that it makes by breaking one
// member. It tries both ends of every range of the other members with each
// broken one, and stops at a limit: with the whole document all requests are
// about the first member. So each example has a document with its members alone,
// and for the broken requests one for each object of it, which has only what
// that object needs around it. Requests made to be accepted are left out: they
// break rules that OpenAPI cannot say, so the healthy server refuses them.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { example, narrow, path, read, request, write } from './document.mjs'
import { modules, run as start } from './run.mjs'

export function prepare(dir) {
  const { doc } = read()
  const needed = new Set([...Object.keys(request(doc).vpn_connection), 'style'])
  for (const [name, folder] of write(dir, made => only(made, request(made)))) {
    const value = request(example(doc, name))
    for (const place of objects(value)) {
      const made = only(example(doc, name), around(value, place, needed), place)
      writeFileSync(join(folder, `broken-${place.join('-')}.json`), JSON.stringify(made, null, 2))
    }
  }
}

// only makes a document whose request has the members of a value, which is its
// example. The project is a part of the path: one that Specmatic makes up would
// be unknown to every server.
function only(doc, value, place) {
  const op = doc.paths[path].post
  const media = op.requestBody.content['application/json']
  Object.values(media.examples)[0].value = value
  media.schema = narrow(doc, media.schema, value)
  if (place) media.schema = loosen(media.schema, value, place)
  doc.paths = { [path.replace('{project_id}', op.parameters[0].example)]: { post: op } }
  delete op.parameters
  return doc
}

const object = value => value !== null && typeof value === 'object' && !Array.isArray(value)

// objects gives the places of the objects in a value.
function objects(value, at = []) {
  return Object.entries(value).flatMap(([key, member]) => {
    const inside = Array.isArray(member) ? member[0] : member
    return object(inside) ? [[...at, key], ...objects(inside, [...at, key])] : []
  })
}

// around gives an object at a place, without the objects in it, and what is
// needed around it.
function around(value, [key, ...rest], needed) {
  if (Array.isArray(value)) return value.map(item => around(item, [key, ...rest], needed))
  if (key === undefined) return Object.fromEntries(Object.entries(value).filter(([, member]) => !object(member)))
  return Object.fromEntries(Object.entries(value)
    .filter(([name]) => name === key || needed.has(name))
    .map(([name, member]) => [name, name === key ? around(member, rest, needed) : member]))
}

// loosen takes the ranges from all members but those of the object at a place,
// and leaves each enumeration the example's value.
function loosen(schema, value, place, kept = false) {
  const { minimum, maximum, minLength, maxLength, ...rest } = schema
  const out = kept ? { ...schema } : rest
  if (out.enum) out.enum = [value]
  if (out.properties) {
    out.properties = Object.fromEntries(Object.entries(out.properties)
      .map(([key, member]) => [key, loosen(member, value[key], place[0] === key ? place.slice(1) : [''], place.length === 0)]))
  }
  if (out.items) out.items = loosen(out.items, value[0], place)
  return out
}

export function run(dir, url) {
  const names = read().names
  const broken = names.flatMap(name => readdirSync(join(dir, name)).filter(file => file.startsWith('broken')).sort().map(file => join(dir, name, file)))
  const reports = mkdtempSync(join(tmpdir(), 'specmatic-')) // it writes some into the folder where it runs
  const java = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-jar', join(modules, 'specmatic/specmatic.jar')]
  const test = (documents, args, env) => start('java', [...java, 'test', ...documents, `--testBaseURL=${url}`, '--timeout=30', ...args], reports, env)
  try {
    return test(names.map(name => join(dir, name, 'openapi.json')), []) ||
      test(broken, ["--filter=STATUS!='201'"], { SPECMATIC_GENERATIVE_TESTS: 'true', MAX_TEST_REQUEST_COMBINATIONS: '300' })
  } finally {
    rmSync(reports, { recursive: true })
  }
}
