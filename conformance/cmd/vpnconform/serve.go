package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/internal/listen"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/reference/fault"
)

// serveCommand serves the reference implementation until the context ends.
func serveCommand() *cobra.Command {
	var address, config, fault string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the reference implementation until SIGINT or SIGTERM",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := filled(cmd, "config", "listen", "fault"); err != nil {
				return err
			}
			env, token, err := readEnvironment(cmd.Context(), config, nil)
			if err != nil {
				return err
			}
			s, err := startReference(cmd.Context(), env, token, address, fault)
			if err != nil {
				return err
			}
			defer s.Stop(patience)
			if !s.Local() {
				_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "vpnconform: other machines can reach %s: it is for tests, and does as it is asked\n", s.URL())
			}
			if err := write(cmd.OutOrStdout(), s.URL()+"\n"); err != nil {
				return err
			}
			select {
			case <-cmd.Context().Done():
				return nil
			case err := <-s.Failed():
				return kitError{err}
			}
		},
	}
	cmd.Flags().StringVar(&address, "listen", "127.0.0.1:8080", "`ADDRESS` to listen on; port 0 chooses a free one")
	configFlag(cmd, &config)
	cmd.Flags().StringVar(&fault, "fault", "", "`ID` of a deliberate fault to have; faults lists them")
	return cmd
}

// patience is how long the requests in flight may take when a server stops.
const patience = 5 * time.Second

// startReference starts the reference implementation, with a fault unless that
// is empty. It makes as many connections as there are addresses for: which one it
// would forget, nobody could tell.
func startReference(ctx context.Context, env environment.Environment, token, address, fault string) (*listen.Server, error) {
	healthy, err := reference.New(reference.Options{Environment: env, Token: token, Quota: reference.MostConnections})
	if err != nil {
		return nil, err
	}
	handler, err := faulty(healthy, fault)
	if err != nil {
		return nil, err
	}
	return listen.Serve(ctx, address, handler, listen.Limits{})
}

// faulty gives an implementation a fault, unless that is empty.
func faulty(healthy *reference.Server, id string) (http.Handler, error) {
	if id == "" {
		return healthy, nil
	}
	found, ok, err := fault.Find(id)
	if err != nil {
		return nil, kitError{err}
	}
	if !ok {
		return nil, fmt.Errorf("--fault: there is no fault %q (see vpnconform faults)", id)
	}
	return fault.With(healthy, found, nil)
}
