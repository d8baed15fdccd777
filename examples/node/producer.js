// Sends one record: `node producer.js TYPE RECORD-ID < body.json`.
import { readFileSync } from 'node:fs'
import { Producer } from '@platformatic/kafka'
import { connection, organisation } from './login.js'

const [type, recordId] = process.argv.slice(2)
const lane = type.startsWith('partner.alert.') ? '.urgent' : ''
const attributes = { specversion: '1.0', id: recordId, source: `/${organisation}/example`, type }
const headers = Object.entries(attributes).map(([name, value]) => [Buffer.from(`ce_${name}`), Buffer.from(value)])

const producer = new Producer({ ...connection, clientId: 'example', idempotent: true })
const topic = `from.${organisation.toLowerCase()}${lane}.v1`
await producer.send({ messages: [{ topic, value: readFileSync(0), headers: new Map(headers) }], acks: -1 })
await producer.close()
