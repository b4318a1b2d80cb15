# `./...` leaves testdata out, so it is named beside it.
SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PACKAGES := ./... ./testdata
FUZZTIME := 30s
# Coverage of this module alone guides the fuzzing. "go test -fuzz" instruments every dependency too: 162,000 counters
# go between its processes with every message, and FuzzDecode spends its time on them. The fuzz engine of a test
# program needs a directory for the inputs that it keeps; this is the one of "go test -fuzz".
FUZZBUILD := -gcflags=./...=-d=libfuzzer
PEERS_SAMPLE := 1
# Of one package, on a machine that does much else.
TEST_TIMEOUT := 40m

RELEASE_TARGETS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

CYCLONEDX_VERSION := v1.10.0
CYCLONEDX := go run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_VERSION)

GOVULNCHECK_VERSION := v1.9.0
GOVULNCHECK := go run golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)

GOLANGCI_LINT_VERSION := v2.15.0
GOLANGCI_LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)

REDOCLY_VERSION := 2.77.0
REDOCLY := .tools/redocly-$(REDOCLY_VERSION)/node_modules/.bin/redocly

SPECTRAL_VERSION := 6.16.3
SPECTRAL := .tools/spectral-$(SPECTRAL_VERSION)/node_modules/.bin/spectral

AXE_VERSION := 4.14.1
AXE := .tools/axe-core-$(AXE_VERSION)/node_modules/axe-core/axe.min.js

.PHONY: help build test lint drift sample generate golden check calibrate whole fuzz bench demo mistakes peers browser lint-openapi release vulnerabilities

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

build: ## Compile every package; put the two commands into bin/
	go build ./...
	go build -o bin/ ./conformance/cmd/vpnconform ./generator/cmd/vpngen

# All tests run without the race detector, under which they take some seven times as long. It sees those of what runs at
# once: packages, and tests of packages whose others run nothing at once, or the whole suite many times. A generated
# reader and the masks run at once in a run of conformance.
RACED := ./conformance/internal/{files,inventory,listen} ./openapi
RACED_TESTS := ./conformance -run 'Stopped|Dead|Interrupted|FailFast|ReadBack|Kept|Closed|Flaky|Busy|Budget|Repetition|Order|StatusAndHeaders'
RACED_OTHERS := ./conformance/conformancetest ./generator -run 'TestText|HearsTheOthers|Deadline|Determinism'
# The tests run beside much of their own garbage, and memory is there.
TEST_GOGC := 300

# The tests are a group of processes, which ends with make: go test leaves its children alone.
test: ## Run the tests, and those of what runs at once with the race detector too
	@set -m; trap exit INT TERM HUP; trap 'kill -- -$${tests:-} 2>/dev/null || :' EXIT; \
	export GOGC=$(TEST_GOGC); \
	{ go test -short -timeout $(TEST_TIMEOUT) $(PACKAGES) && \
	go test -race -short -timeout $(TEST_TIMEOUT) $(RACED_TESTS) && \
	go test -race -short -timeout $(TEST_TIMEOUT) $(RACED_OTHERS) && \
	go test -race -short -timeout $(TEST_TIMEOUT) $(RACED); } & tests=$$!; set +m; \
	wait $$tests

whole: ## Run every test there is, every lawful behaviour and every mistake of the independent server (some 30 minutes)
	go test -timeout 2h $(PACKAGES)
	$(MAKE) mistakes

lint: ## Check format, vet, golangci-lint, go.mod and the CI script
	@unformatted=$$(git ls-files -z '*.go' | xargs -0 gofmt -l); \
	test -z "$$unformatted" || { printf 'not gofmt-clean:\n%s\n' "$$unformatted" >&2; exit 1; }
	go vet $(PACKAGES)
	$(GOLANGCI_LINT) run $(PACKAGES)
	go mod tidy -diff
	go -C generated/bench list -deps ./generate >/dev/null
	go -C conformance/report/browser list -deps ./... >/dev/null
	go -C conformance/calibrate/mistakes vet ./...
	bash -n .ci/run

drift: # what is generated is what the documents say; a part of check
	go -C generated/vpn run ../../generator/cmd/vpngen --check
	go -C conformance/internal/inventory run ../../../generator/cmd/vpngen --check --spec ../../../testdata/inventory/inventory.yaml

generate: ## Write the generated code anew
	go generate ./...

golden: ## Write the golden files anew; read the diff before you commit it
	GOLDIE_UPDATE=1 go test -count=1 -timeout $(TEST_TIMEOUT) $(PACKAGES)

check: lint drift test demo ## Do all that CI does, lint-openapi apart

calibrate: ## Measure the kit with every null server and every fault
	go run ./conformance/cmd/vpnconform calibrate

sample: # two faults of each kind, a tenth of the mistakes
	go run ./conformance/cmd/vpnconform calibrate --sample 2
	go -C conformance/calibrate/mistakes test -short -count=1 -timeout $(TEST_TIMEOUT) -run 'TestHealthy|TestTable|TestImports|TestMistakes' ./...

fuzz: ## Run every fuzz target for FUZZTIME (30s)
	@targets=$$(go test $(FUZZBUILD) -list '^Fuzz' $(PACKAGES) | awk \
		'/^Fuzz/ { name[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, name[i]; n = 0 }'); \
	test -n "$$targets" || { echo 'no fuzz target found' >&2; exit 1; }; \
	kept=$$(go env GOCACHE)/fuzz; \
	found=0; \
	while read -r package name; do \
		echo "$$package $$name"; \
		go test $(FUZZBUILD) -v -run '^$$' -timeout 0 "$$package" -args -test.fuzz "^$$name\$$" -test.fuzztime $(FUZZTIME) \
			-test.fuzzminimizetime 10x -test.fuzzcachedir "$$kept/$$package" </dev/null || found=1; \
	done <<<"$$targets"; \
	exit $$found

bench: ## Run every benchmark
	go test -run '^$$' -bench . -benchmem ./...
	go -C generated/bench run ./generate
	go -C generated/bench run ./compare

demo: ## Run the kit against the reference implementation
	go run ./conformance/cmd/vpnconform run

mistakes: ## Measure the kit with a server written by hand and its mistakes, one at a time
	go -C conformance/calibrate/mistakes test -count=1 -timeout 60m ./...

peers: ## Measure other testers on the servers of calibrate (needs node, npm and java; some 15 minutes)
	npm ci --prefix testdata/calibration
	go build -o bin/ ./conformance/cmd/vpnconform
	node testdata/calibration/peers.mjs bin/vpnconform $(PEERS_SAMPLE) >bin/peers.json
	mv bin/peers.json testdata/calibration/peers.json

browser: $(AXE) ## Test the HTML and HAR reports in a headless Chromium (needs it, and npm for axe-core)
	AXE_CORE=$(CURDIR)/$(AXE) go -C conformance/report/browser test -count=1 ./...

$(AXE):
	npm install --prefix .tools/axe-core-$(AXE_VERSION) --no-save --no-audit --no-fund axe-core@$(AXE_VERSION)

# The version is the tag's, as the build records it: hence -buildvcs, and a clone, for Go records nothing in a linked
# worktree. An SBOM is of the file beside it, read from what the build recorded there: systems need different modules.
# It has no serial number and no time, but a digest of the tool, which differs between systems that make the release.
release: ## Build both commands for every system into dist/, with an SBOM each and SHA256SUMS
	go test -count=1 -timeout $(TEST_TIMEOUT) -run '^TestReproducible$$' ./conformance/cmd/vpnconform
	rm -rf dist
	mkdir dist
	for target in $(RELEASE_TARGETS); do \
		os=$${target%/*} arch=$${target#*/} end=; \
		if [ $$os = windows ]; then end=.exe; fi; \
		for package in ./conformance/cmd/vpnconform ./generator/cmd/vpngen; do \
			name=dist/$${package##*/}-$$os-$$arch; \
			CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch go build -trimpath -buildvcs=true -o $$name$$end $$package; \
			$(CYCLONEDX) bin -json -std -noserial -notimestamp -output $$name.cdx.json $$name$$end; \
		done; \
	done
	cd dist && sha256sum -- * >../SHA256SUMS.new && mv ../SHA256SUMS.new SHA256SUMS

vulnerabilities: ## Look for known vulnerabilities that the code reaches (needs https://vuln.go.dev)
	$(GOVULNCHECK) -test $(PACKAGES)

lint-openapi: $(REDOCLY) $(SPECTRAL) ## Lint the OpenAPI documents with Redocly CLI and Spectral (needs node and npm)
	REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
		$(REDOCLY) lint --config .ci/redocly.yaml openapi/vpn.yaml testdata/inventory/inventory.yaml
	$(SPECTRAL) lint --ruleset .ci/spectral.yaml --fail-severity hint openapi/vpn.yaml testdata/inventory/inventory.yaml

$(REDOCLY):
	npm install --prefix .tools/redocly-$(REDOCLY_VERSION) --no-save --no-audit --no-fund @redocly/cli@$(REDOCLY_VERSION)

$(SPECTRAL):
	npm install --prefix .tools/spectral-$(SPECTRAL_VERSION) --no-save --no-audit --no-fund @stoplight/spectral-cli@$(SPECTRAL_VERSION)
