# What the project does, a target each. `make run` and `make test` set up all
# they need; the rest is for those who work on it.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  := $(shell git rev-parse --short HEAD 2>/dev/null)
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)

# Everything is static, and nothing is compiled twice.
export CGO_ENABLED := 0

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/holdfast, static, and bin/NOTICE, what it is built with
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/holdfast ./cmd/holdfast
	@go run test/licences/main.go bin/holdfast > bin/NOTICE

.PHONY: run
run: build ## The main job, live: samples before and after, then on a local cluster
	@go run -C test ./demo/paper "$(CURDIR)/bin/holdfast"
	@go build -C test -o "$(CURDIR)/bin/demo" ./demo/live
	@cd test && exec "$(CURDIR)/bin/demo" "$(CURDIR)/bin/holdfast"

.PHONY: test
test: unit lint conformance e2e monitoring browser probe wire ## Every test

.PHONY: check
check: ## The inner loop, in less than two minutes: build, vet, short tests, lint of the product
	go build ./...
	go vet ./...
	go test -short ./...
	go tool -modfile=test/tools/lint/go.mod golangci-lint run ./...

# The go command remembers a result for as long as the files in the test's own module are
# the same. What is outside of it, the chart or the program, it doesn't see: hence -count=1
# for modules that test it.
.PHONY: unit
unit: ## Unit tests, golden files, fuzz seeds
	go test ./...
	go test -C test/cluster -short ./...
	go test -C test/load -count=1 ./...
	go test -C test/release -count=1 ./...
	go test -C test/report -count=1 ./...

.PHONY: lint
lint: ## golangci-lint over the product and test/
	go tool -modfile=test/tools/lint/go.mod golangci-lint run ./...
	cd test && go tool -modfile=tools/lint/go.mod golangci-lint run ./...
	cd test/cluster && go tool -modfile=../tools/lint/go.mod golangci-lint run ./...
	cd test/load && go tool -modfile=../tools/lint/go.mod golangci-lint run ./...
	cd test/monitoring && go tool -modfile=../tools/lint/go.mod golangci-lint run ./...
	cd test/probe && go tool -modfile=../tools/lint/go.mod golangci-lint run ./...
	cd test/wire && go tool -modfile=../tools/lint/go.mod golangci-lint run ./...
	cd test/release && go tool -modfile=../tools/lint/go.mod golangci-lint run ./...
	cd test/report && go tool -modfile=../tools/lint/go.mod golangci-lint run ./...
	cd test/report-html && go tool -modfile=../tools/lint/go.mod golangci-lint run ./...
	cd test/conformance/agree && go tool -modfile=../../tools/lint/go.mod golangci-lint run ./...
	cd test/conformance/envoy && go tool -modfile=../../tools/lint/go.mod golangci-lint run ./...

# These tests and those of clusters build what they need at their first run: hence their
# time limits.
.PHONY: probe
probe: ## The probe against servers of ws and Socket.io; it needs Node and npm
	go test -C test/probe -count=1 -v -timeout 60m ./...

.PHONY: vulnerabilities
vulnerabilities: ## govulncheck over what the binary calls; it asks vuln.go.dev
	go tool -modfile=test/tools/govulncheck/go.mod govulncheck ./...

# Vet would read all packages of each controller too, which takes as long as compiling them;
# what the controllers' folders share is linted.
.PHONY: conformance
conformance: ## The dialects against the controllers' own parsers
	@for module in test/conformance/*/go.mod; do go test -C "$$(dirname $$module)" -count=1 -vet=off ./... || exit 1; done

# Where the end-to-end tests run: on local clusters of the newest Kubernetes and
# of no other, or of KUBERNETES=1.33.13, or on the cluster of KUBECONFIG=FILE with
# Holdfast as IMAGE=REPOSITORY:TAG. A KUBECONFIG of the environment isn't meant.
KUBERNETES ?=
ifeq ($(origin KUBECONFIG),command line)
ON = -cluster.kubeconfig=$(abspath $(KUBECONFIG)) -cluster.image=$(IMAGE)
else ifneq ($(KUBERNETES),)
ON = -cluster.kubernetes=$(KUBERNETES)
endif

.PHONY: e2e
e2e: build ## Tests on a local cluster of real parts; or KUBECONFIG=… IMAGE=…
ifdef ON
	go test -C test ./e2e -count=1 -v -timeout 60m $(ON)
else
	go test -C test/cluster -timeout 60m ./...
	go test -C test -count=1 -timeout 60m ./...
endif

.PHONY: monitoring
monitoring: ## The chart's alerts and dashboard against Prometheus and a local cluster
	go test -C test/monitoring -count=1 -timeout 60m ./...

.PHONY: browser
browser: ## The HTML report of holdfast audit in a headless Chromium; pictures in bin/report-html
	go test -C test/report-html -count=1 -v -timeout 60m ./...

# The tests of wire mostly wait, whatever the number of processors. They print what they
# measured, and like browser and probe what can't run here.
.PHONY: wire
wire: ## WebSockets through real ingress controllers, on a local cluster: the short form
	go test -C test/wire -count=1 -parallel 16 -v -timeout 60m .

.PHONY: test-wire
test-wire: ## All controllers in all ways; the table of test/wire/README.md is written again
	go test -C test/wire -count=1 -parallel 16 -v -timeout 60m . -args -wire.full

# How long fuzz runs each target.
FUZZTIME ?= 30s

.PHONY: fuzz
fuzz: ## Each fuzz target for FUZZTIME=30s
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

# How long fuzz-cluster tries random objects, and with which seed; 0 draws one.
DURATION ?= 1h
SEED     ?= 0

.PHONY: fuzz-cluster
fuzz-cluster: build ## Random objects on a local cluster for DURATION=1h, or from SEED
	go test -C test ./e2e -run Oracle -count=1 -v -timeout 0 -oracle.for=$(DURATION) -oracle.most=1000000000 -oracle.seed=$(SEED)

.PHONY: sentences
sentences: ## Every warning, refusal and note of the cases and golden files, once each
	@grep -rhoE '(warning|refused|note): .*' policy/*_test.go policy/testdata cmd/holdfast/testdata | \
		sed -E 's/^((warning|refused): (Ingress|Service|Namespace) [^ ]*: )//; s/[`"]?[,}]*$$//' | sort -u

.PHONY: bench
bench: ## What Holdfast costs beside other webhooks, as ratios
	@mkdir -p bin && go test -C test/load -c -o "$(CURDIR)/bin/load.test" . && go build -C test/load -o "$(CURDIR)/bin/ratios" ./ratios
	@cd test/load && { for run in 1 2 3; do "$(CURDIR)/bin/load.test" -test.run '^$$' -test.bench Admission || exit 1; done && \
		for run in $$(seq 6); do "$(CURDIR)/bin/load.test" -test.run '^$$' -test.bench Serve -test.benchtime 1000x || exit 1; done; } > "$(CURDIR)/bin/bench.txt"
	@bin/ratios < bin/bench.txt

.PHONY: bench-cluster
bench-cluster: build ## The same as the API server sees it, on a local cluster
	@go build -C test/load -o "$(CURDIR)/bin/" ./cluster ./serve ./ratios
	@cd test/load && exec "$(CURDIR)/bin/cluster" > "$(CURDIR)/bin/bench-cluster.txt"
	@bin/ratios < bin/bench-cluster.txt

.PHONY: footprint
footprint: build ## What Holdfast takes: disk, time to start, memory, in some minutes
	@cd test/load && go run ./footprint -holdfast "$(CURDIR)/bin/holdfast"

.PHONY: bench-audit
bench-audit: build ## What holdfast audit takes on a cluster of 20,000 objects, in some minutes
	@cd test/load && go run ./audit -holdfast "$(CURDIR)/bin/holdfast"

# What compare compares with the work tree, and on which benchmarks.
BASE  ?= HEAD~1
BENCH ?= Admission/holdfast

.PHONY: compare
compare: ## What a change costs: benchstat of the commit BASE and the work tree
	@rm -rf bin/base && mkdir -p bin/base && git archive $(BASE) | tar -x -C bin/base
	@go test -C bin/base/test/load -c -o "$(CURDIR)/bin/base.test" . && go test -C test/load -c -o "$(CURDIR)/bin/load.test" .
	@rm -f bin/base.txt bin/work-tree.txt; for run in 1 2 3 4 5 6; do \
		(cd bin/base/test/load && "$(CURDIR)/bin/base.test" -test.run '^$$' -test.bench '$(BENCH)') >> bin/base.txt || exit 1; \
		(cd test/load && "$(CURDIR)/bin/load.test" -test.run '^$$' -test.bench '$(BENCH)') >> bin/work-tree.txt || exit 1; \
	done
	@go tool -modfile=test/tools/benchstat/go.mod benchstat $(BASE)=bin/base.txt work-tree=bin/work-tree.txt

.PHONY: profile
profile: ## Where the time of an admission goes
	@mkdir -p bin && go test -C test/load -run '^$$' -bench 'Admission/holdfast/rules=1$$' -o "$(CURDIR)/bin/load.test" -cpuprofile "$(CURDIR)/bin/cpu.prof" .
	@go tool pprof -top -cum bin/load.test bin/cpu.prof

# What a release is signed with, where it is pushed to, and who builds it.
KEY      ?=
REGISTRY ?=
BUILDER  ?=

.PHONY: release-check
release-check: ## All of a release of this commit, in bin/release, signed with a throwaway key, and verified
	@go run -C test/release . $(if $(BUILDER),-builder "$(BUILDER)") "$(CURDIR)/bin/release"

.PHONY: release
release: ## The same, signed with KEY=FILE, and pushed to REGISTRY=ghcr.io/holdfast-dev
	@test -n "$(KEY)" -a -n "$(REGISTRY)" || { echo "make release: KEY=FILE and REGISTRY=… are needed" >&2; exit 2; }
	@go run -C test/release . $(if $(BUILDER),-builder "$(BUILDER)") -key "$(abspath $(KEY))" -push "$(REGISTRY)" "$(CURDIR)/bin/release"

.PHONY: generate
generate: ## Make what is generated: the chart's keys, values and README, config/
	UPDATE_GOLDEN=1 go test ./policy -run '^TestTheChartKnows' -count=1
	go run -C test ./chart/generate

.PHONY: cluster
cluster: build ## A local cluster by hand, until interrupted
	go run -C test/cluster . up $(if $(KUBERNETES),--kubernetes=$(KUBERNETES)) --image localhost/holdfast:dev="$(CURDIR)/bin/holdfast"
