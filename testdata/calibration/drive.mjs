// Drives a peer: `drive.mjs PEER prepare DIR` makes what it needs of the
// document, once; `drive.mjs PEER run DIR URL` tries the server at a URL, and
// ends with the peer's own verdict.
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'

const [peer, what, dir, url] = process.argv.slice(2)
const driver = await import(`./${peer}.mjs`)
const folder = resolve(dir)
mkdirSync(folder, { recursive: true })
if (what === 'prepare') driver.prepare(folder)
else process.exitCode = driver.run(folder, url)
