// Package login says who we are and where the broker is, from the environment.
package login

import (
	"crypto/tls"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// Options of a client with our login.
func Options() []kgo.Opt {
	auth := scram.Auth{User: os.Getenv("KAFKA_USER"), Pass: os.Getenv("KAFKA_PASSWORD")}
	options := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(os.Getenv("KAFKA_URL"), ",")...),
		kgo.SASL(auth.AsSha512Mechanism()),
	}
	if os.Getenv("KAFKA_SECURITY") == "SASL_SSL" { // beyond one machine; SSL_CERT_FILE names a CA of its own
		options = append(options, kgo.DialTLSConfig(new(tls.Config)))
	}
	return options
}
