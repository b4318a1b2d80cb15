package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// serveCommand serves the reference implementation until the context ends.
func serveCommand() *cobra.Command {
	var listen, config, fault string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the reference implementation until SIGINT or SIGTERM",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := filled(cmd, "config", "listen", "fault"); err != nil {
				return err
			}
			env, token, err := environment(cmd.Context(), config)
			if err != nil {
				return err
			}
			s, err := startReference(env, token, listen, fault)
			if err != nil {
				return err
			}
			defer s.stop()
			if _, err := fmt.Fprintln(cmd.OutOrStdout(), s.url); err != nil {
				return kitError{err}
			}
			select {
			case <-cmd.Context().Done():
				return nil
			case err := <-s.failed:
				return kitError{err}
			}
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "`ADDRESS` to listen on; port 0 chooses a free one")
	configFlag(cmd, &config)
	cmd.Flags().StringVar(&fault, "fault", "", "`ID` of a deliberate fault to have; faults lists them")
	return cmd
}

// server is a running reference implementation.
type server struct {
	url    string
	http   *http.Server
	failed chan error // gets the error that ended it, if one did
}

// startReference starts the reference implementation, with a fault unless that
// is empty.
func startReference(env suite.Environment, token, listen, fault string) (*server, error) {
	healthy, err := reference.New(reference.Options{Environment: env, Token: token})
	if err != nil {
		return nil, err
	}
	handler, err := faulty(healthy, fault)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, err
	}
	s := &server{
		url:    "http://" + listener.Addr().String(),
		http:   &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second},
		failed: make(chan error, 1),
	}
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	return s, nil
}

// faulty gives an implementation a fault, unless that is empty.
func faulty(healthy *reference.Server, id string) (http.Handler, error) {
	if id == "" {
		return healthy, nil
	}
	fault, ok, err := reference.FindFault(id)
	if err != nil {
		return nil, kitError{err}
	}
	if !ok {
		return nil, fmt.Errorf("--fault: there is no fault %q (see vpnconform faults)", id)
	}
	return reference.WithFault(healthy, fault, nil)
}

// stop lets the requests in flight end, for 5 s at most.
func (s *server) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
}
