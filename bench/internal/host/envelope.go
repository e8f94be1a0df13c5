package host

import (
	"encoding/json"
	"fmt"
)

// Answer is the message that confirms a subscription.
var Answer = []byte(`{"topic":"subscribed","data":{}}`)

// Act decodes one message of the founding envelope. {"topic":"subscribe","data":{"topic":T}} calls
// subscribe with T; any other {"topic":T,"data":D} calls publish with T. message itself is what
// publish's subscribers are to get: the envelope is the same both ways. It fails where message is not
// an envelope.
func Act(message []byte, subscribe, publish func(topic string)) error {
	var envelope struct {
		Topic string          `json:"topic"`
		Data  json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(message, &envelope); err != nil {
		return fmt.Errorf("host: not an envelope: %w", err)
	}
	if envelope.Topic != "subscribe" {
		publish(envelope.Topic)
		return nil
	}
	topic, err := Room(envelope.Data)
	if err == nil {
		subscribe(topic)
	}
	return err
}

// Room decodes the data of a subscription, {"topic":T}, into T.
func Room(data []byte) (string, error) {
	var request struct {
		Topic string `json:"topic"`
	}
	if err := json.Unmarshal(data, &request); err != nil {
		return "", fmt.Errorf("host: not a subscription: %w", err)
	}
	return request.Topic, nil
}
