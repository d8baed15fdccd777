// Shows receipts and copies as they come, until Ctrl-C.
import { Consumer } from '@platformatic/kafka'
import { connection, organisation } from './login.js'

const slug = organisation.toLowerCase()
const consumer = new Consumer({ ...connection, clientId: 'example', groupId: `${slug}.example` })
const topics = [`to.${slug}.v1`, `to.${slug}.urgent.v1`]
const stream = await consumer.consume({ topics, autocommit: false, mode: 'committed', fallbackMode: 'earliest' })

for await (const message of stream) {
  const headers = Object.fromEntries([...message.headers].map(([name, value]) => [name.toString(), value.toString()]))
  const body = JSON.parse(message.value.toString())
  for (const receipt of body.receipts ?? []) {
    console.log([receipt.record, receipt.result, ...(receipt.problems ?? []).map((problem) => problem.code)].join(' '))
  }
  if (!body.receipts) console.log(headers.ce_id, headers.ce_type, body.event) // store it here, by ce_id
  await message.commit()
}
