package reference
import "github.com/vpnconform/vpnconform/conformance/suite"
func everyEnv() suite.Environment{return suite.Environment{}}
