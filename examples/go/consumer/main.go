// Shows receipts and copies as they come, until Ctrl-C.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"example.org/simpul/login"
)

type message struct {
	Event    string
	Receipts []struct {
		Record, Result string
		Problems       []struct{ Code string }
	}
}

func main() {
	slug := strings.ToLower(os.Getenv("ORGANISATION"))
	client, err := kgo.NewClient(append(login.Options(),
		kgo.ConsumerGroup(slug+".example"),
		kgo.ConsumeTopics("to."+slug+".v1", "to."+slug+".urgent.v1"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
	)...)
	check(err)
	defer client.Close()
	for {
		fetches := client.PollFetches(context.Background())
		check(fetches.Err())
		fetches.EachRecord(show)
		check(client.CommitUncommittedOffsets(context.Background()))
	}
}

func show(record *kgo.Record) {
	headers := map[string]string{}
	for _, header := range record.Headers {
		headers[header.Key] = string(header.Value)
	}
	var body message
	check(json.Unmarshal(record.Value, &body))
	for _, receipt := range body.Receipts {
		words := []string{receipt.Record, receipt.Result}
		for _, problem := range receipt.Problems {
			words = append(words, problem.Code)
		}
		fmt.Println(strings.Join(words, " "))
	}
	if body.Receipts == nil {
		fmt.Println(headers["ce_id"], headers["ce_type"], body.Event) // store it here, by ce_id
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
