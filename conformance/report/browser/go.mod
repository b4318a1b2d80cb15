module github.com/vpnconform/vpnconform/conformance/report/browser

go 1.26.0

require (
	github.com/chromedp/cdproto v0.159.0
	github.com/chromedp/chromedp v0.23.0
	github.com/vpnconform/vpnconform v0.0.0
)

require (
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
)

replace github.com/vpnconform/vpnconform => ../../..
