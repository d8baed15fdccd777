"""One machine, with pip alone: Apache Kafka, the embedded databases and the six processes."""
