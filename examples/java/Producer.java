import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends one record: `java -cp 'lib/*' Producer.java TYPE RECORD-ID < body.json`. */
public class Producer {
    public static void main(String[] arguments) throws Exception {
        String type = arguments[0], recordId = arguments[1], organisation = System.getenv("ORGANISATION");
        String lane = type.startsWith("partner.alert.") ? ".urgent" : "";
        var record = new ProducerRecord<byte[], byte[]>(
            "from." + organisation.toLowerCase() + lane + ".v1", System.in.readAllBytes());
        record.headers()
            .add("ce_specversion", "1.0".getBytes("UTF-8"))
            .add("ce_id", recordId.getBytes("UTF-8"))
            .add("ce_source", ("/" + organisation + "/example").getBytes("UTF-8"))
            .add("ce_type", type.getBytes("UTF-8"));
        var serializer = new ByteArraySerializer();
        try (var producer = new KafkaProducer<>(login(), serializer, serializer)) { // acks=all and idempotent by default
            producer.send(record).get();
        }
    }

    static Properties login() {
        String module = "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";";
        var login = new Properties();
        login.put("bootstrap.servers", System.getenv("KAFKA_URL"));
        login.put("security.protocol", System.getenv().getOrDefault("KAFKA_SECURITY", "SASL_PLAINTEXT")); // SASL_SSL beyond one machine
        if (System.getenv("KAFKA_CA") != null) {
            login.put("ssl.truststore.type", "PEM");
            login.put("ssl.truststore.location", System.getenv("KAFKA_CA"));
        }
        login.put("sasl.mechanism", "SCRAM-SHA-512");
        login.put("sasl.jaas.config", module.formatted(System.getenv("KAFKA_USER"), System.getenv("KAFKA_PASSWORD")));
        return login;
    }
}
