// Who we are and where the broker is, from the environment.
const { ORGANISATION, KAFKA_URL, KAFKA_USER, KAFKA_PASSWORD, KAFKA_SECURITY } = process.env

export const organisation = ORGANISATION
export const connection = {
  bootstrapBrokers: KAFKA_URL.split(','),
  sasl: { mechanism: 'SCRAM-SHA-512', username: KAFKA_USER, password: KAFKA_PASSWORD },
  tls: KAFKA_SECURITY === 'SASL_SSL' ? {} : undefined // SASL_SSL beyond one machine; NODE_EXTRA_CA_CERTS names a CA of its own
}
