// Makes, from openapi/vpn.yaml, the documents that the testers read: one for
// each documented example, because most of them use the first example alone.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const source = new URL('../../openapi/vpn.yaml', import.meta.url)
export const path = '/v5/{project_id}/vpn-connection'
export const token = 'Calibration-Token-1' // the servers ask for none, but a fault may leak it

// read gives the document and the names of its examples.
export function read() {
  const doc = parse(readFileSync(source, 'utf8'))
  return { doc, names: Object.keys(doc.paths[path].post.requestBody.content['application/json'].examples) }
}

// example is the document with one example of the request and of each answer,
// the answers 201 and 400, and answers that may have no other members: this is
// as strict as the kit is here. Extensions are for our own tools.
export function example(doc, name) {
  doc = plain(doc)
  const op = doc.paths[path].post
  op.responses = { 201: op.responses['201'], 400: doc.components.responses.Error }
  for (const media of [op.requestBody, op.responses['201']].map(m => m.content['application/json'])) {
    media.examples = { [name]: media.examples[name] }
  }
  for (const [schema, value] of Object.entries(doc.components.schemas)) {
    if (/Response/.test(schema)) value.additionalProperties = false
  }
  delete doc.components.responses
  op.security = [{ token: [] }]
  doc.components.securitySchemes = { token: doc.components.securitySchemes.token }
  doc.servers = [{ url: 'http://127.0.0.1' }]
  return doc
}

export const request = doc => Object.values(doc.paths[path].post.requestBody.content['application/json'].examples)[0].value

// plain drops the extensions, and the allOf around a single reference, which
// some testers read as no more than a list of members.
function plain(node) {
  if (Array.isArray(node)) return node.map(plain)
  if (node === null || typeof node !== 'object') return node
  if (node.allOf?.length === 1) return { ...plain(node.allOf[0]) }
  return Object.fromEntries(Object.entries(node).filter(([key]) => !key.startsWith('x-')).map(([key, value]) => [key, plain(value)]))
}

// narrow writes the request's schema out, without references, with the members
// alone that a value has. The keywords stay.
export function narrow(doc, schema, value) {
  if (schema.$ref) schema = schema.$ref.slice(2).split('/').reduce((at, key) => at[key], doc)
  const out = { ...schema }
  if (schema.properties) {
    out.properties = Object.fromEntries(Object.entries(schema.properties)
      .filter(([key]) => value?.[key] !== undefined)
      .map(([key, member]) => [key, narrow(doc, member, value[key])]))
  }
  if (schema.items) out.items = narrow(doc, schema.items, value?.[0])
  return out
}

// write makes the documents of all examples, each in a folder of its own, and
// returns [name, folder, document].
export function write(dir, change = doc => doc) {
  const { doc, names } = read()
  return names.map(name => {
    const made = change(example(doc, name))
    const folder = join(dir, name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'openapi.json'), JSON.stringify(made, null, 2))
    return [name, folder, made]
  })
}
