package vpn

//go:generate go run github.com/vpnconform/vpnconform/generator/cmd/vpngen
