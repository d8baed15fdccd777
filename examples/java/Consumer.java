import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Shows receipts and copies as they come, until Ctrl-C: `java -cp 'lib/*' Consumer.java`. */
public class Consumer {
    public static void main(String[] arguments) throws Exception {
        String slug = System.getenv("ORGANISATION").toLowerCase();
        var json = new ObjectMapper();
        var deserializer = new ByteArrayDeserializer();
        try (var consumer = new KafkaConsumer<>(login(slug + ".example"), deserializer, deserializer)) {
            consumer.subscribe(List.of("to." + slug + ".v1", "to." + slug + ".urgent.v1"));
            while (true) {
                for (var message : consumer.poll(Duration.ofSeconds(1))) {
                    var body = json.readTree(message.value());
                    for (var receipt : body.path("receipts")) {
                        var line = new StringBuilder(receipt.path("record").asText() + " " + receipt.path("result").asText());
                        receipt.path("problems").forEach(problem -> line.append(" ").append(problem.path("code").asText()));
                        System.out.println(line);
                    }
                    if (body.path("receipts").isMissingNode()) { // store it here, by ce_id
                        var id = new String(message.headers().lastHeader("ce_id").value(), "UTF-8");
                        var type = new String(message.headers().lastHeader("ce_type").value(), "UTF-8");
                        System.out.println(id + " " + type + " " + body.path("event").asText());
                    }
                }
                consumer.commitSync();
            }
        }
    }

    static Properties login(String group) {
        String module = "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";";
        var login = new Properties();
        login.put("bootstrap.servers", System.getenv("KAFKA_URL"));
        login.put("security.protocol", System.getenv().getOrDefault("KAFKA_SECURITY", "SASL_PLAINTEXT"));
        login.put("sasl.mechanism", "SCRAM-SHA-512");
        login.put("sasl.jaas.config", module.formatted(System.getenv("KAFKA_USER"), System.getenv("KAFKA_PASSWORD")));
        login.put("group.id", group);
        login.put("enable.auto.commit", "false");
        login.put("auto.offset.reset", "earliest");
        return login;
    }
}
