package bench

import (
	"context"
	"encoding/json"

	middleware "github.com/oapi-codegen/nethttp-middleware"

	"github.com/vpnconform/vpnconform/generated/bench/peers/oapi"
	"github.com/vpnconform/vpnconform/generated/bench/peers/ogen"
	"github.com/vpnconform/vpnconform/generated/vpn"
)

// Names of the servers, in the order of [Servers].
const (
	Validated = "(a) oapi-codegen, kin-openapi"
	Bare      = "(b) oapi-codegen, no validation"
	Ogen      = "(c) ogen"
	Ours      = "(d) ours"
)

// Servers builds the four servers.
func Servers() ([]Server, error) {
	response, err := Response()
	if err != nil {
		return nil, err
	}
	var forOapi oapi.CreateVpnConnectionResponseBody
	var forOgen ogen.CreateVpnConnectionResponseBody
	var forOurs vpn.CreateVpnConnectionResponseBody
	for _, value := range []any{&forOapi, &forOgen, &forOurs} {
		if err := json.Unmarshal(response, value); err != nil {
			return nil, err
		}
	}

	bare := oapi.Handler(oapi.NewStrictHandler(oapiServer{oapi.CreateVpnConnection201JSONResponse{
		Body:    forOapi,
		Headers: oapi.CreateVpnConnection201ResponseHeaders{XRequestId: &forOapi.RequestId},
	}}, nil))
	document, err := oapi.GetSpec()
	if err != nil {
		return nil, err
	}
	validate := middleware.OapiRequestValidator(document)

	ogenHandler, err := ogen.NewServer(ogenServer{&ogen.CreateVpnConnectionResponseBodyHeaders{
		XRequestID: ogen.NewOptString(forOgen.RequestID),
		Response:   forOgen,
	}})
	if err != nil {
		return nil, err
	}

	ours := vpn.Handler(vpn.NewStrictHandler(ourServer{vpn.CreateVpnConnection201JSONResponse{
		Body:    forOurs,
		Headers: vpn.CreateVpnConnection201ResponseHeaders{XRequestID: &forOurs.RequestID},
	}}, nil))

	return []Server{{Validated, validate(bare)}, {Bare, bare}, {Ogen, ogenHandler}, {Ours, ours}}, nil
}

type oapiServer struct {
	answer oapi.CreateVpnConnectionResponseObject
}

func (s oapiServer) CreateVpnConnection(context.Context, oapi.CreateVpnConnectionRequestObject) (oapi.CreateVpnConnectionResponseObject, error) {
	return s.answer, nil
}

type ogenServer struct {
	answer ogen.CreateVpnConnectionRes
}

func (s ogenServer) CreateVpnConnection(context.Context, *ogen.CreateVpnConnectionRequestBody, ogen.CreateVpnConnectionParams) (ogen.CreateVpnConnectionRes, error) {
	return s.answer, nil
}

type ourServer struct {
	answer vpn.CreateVpnConnectionResponseObject
}

func (s ourServer) CreateVpnConnection(context.Context, vpn.CreateVpnConnectionRequestObject) (vpn.CreateVpnConnectionResponseObject, error) {
	return s.answer, nil
}
