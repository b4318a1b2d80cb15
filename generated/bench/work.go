package bench

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/go-faster/jx"

	"github.com/vpnconform/vpnconform/generated/bench/peers/ogen"
	"github.com/vpnconform/vpnconform/generated/vpn"
)

// Names of the works that are parts of a handling, in the order of [Works].
const (
	Harness    = "harness alone"
	Unmarshal  = "json.Unmarshal, our type"
	OgenDecode = "ogen: decode and validate"
	Decode     = "ours: decode and validate"
)

// Work is something to time.
type Work struct {
	Name string
	Do   func() error
}

// Works returns the handling of the documented BGP request by each of the
// servers, named as the server, and after them the parts. Harness is what every
// handling holds that is no server's work: the request, its reader, the writer.
func Works(servers []Server) ([]Work, error) {
	body, err := Request()
	if err != nil {
		return nil, err
	}
	var works []Work
	for _, s := range servers {
		works = append(works, Work{s.Name, s.handling(body)})
	}
	nothing := Server{Harness, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
	})}
	return append(works,
		Work{Harness, nothing.handling(body)},
		Work{Unmarshal, func() error { return json.Unmarshal(body, new(vpn.CreateVpnConnectionRequestBody)) }},
		Work{OgenDecode, func() error { return ogenDecode(body) }},
		Work{Decode, func() error {
			if _, violations := vpn.DecodeCreateVpnConnectionRequestBody(body); violations != nil {
				return violations
			}
			return nil
		}},
	), nil
}

// ogenDecode does with a body what ogen's server does once it has read it.
func ogenDecode(body []byte) error {
	var request ogen.CreateVpnConnectionRequestBody
	d := jx.DecodeBytes(body)
	if err := request.Decode(d); err != nil {
		return err
	}
	if err := d.Skip(); !errors.Is(err, io.EOF) {
		return errors.New("trailing data")
	}
	return request.Validate()
}
