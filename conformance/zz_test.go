package conformance_test
import ("testing";"runtime/pprof";"os";"context";"github.com/vpnconform/vpnconform/conformance";"time";"fmt")
func TestZZ(t *testing.T) {
	target := serve(t, newReference(t))
	f, _ := os.Create("/tmp/cpu.out"); pprof.StartCPUProfile(f)
	b := time.Now()
	r, err := conformance.Run(context.Background(), conformance.Options{Target: target, Seed: 1})
	pprof.StopCPUProfile(); f.Close()
	fmt.Println(time.Since(b), err, len(r.Results))
}
