// Sends one record: `go run ./producer TYPE RECORD-ID < body.json`.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"example.org/simpul/login"
)

func main() {
	ceType, recordID := os.Args[1], os.Args[2]
	body, err := io.ReadAll(os.Stdin)
	check(err)
	organisation, lane := os.Getenv("ORGANISATION"), ""
	if strings.HasPrefix(ceType, "partner.alert.") {
		lane = ".urgent"
	}
	client, err := kgo.NewClient(login.Options()...)
	check(err)
	defer client.Close()
	record := &kgo.Record{Topic: "from." + strings.ToLower(organisation) + lane + ".v1", Value: body, Headers: []kgo.RecordHeader{
		{Key: "ce_specversion", Value: []byte("1.0")},
		{Key: "ce_id", Value: []byte(recordID)},
		{Key: "ce_source", Value: []byte("/" + organisation + "/example")},
		{Key: "ce_type", Value: []byte(ceType)},
	}}
	check(client.ProduceSync(context.Background(), record).FirstErr())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
