# `make` lists what there is. Go 1.26 is enough for all of it but test-race (a C
# compiler besides), test-browser (Chromium and Node besides), test-servers and the chaos
# tests (redis-server besides); test-all installs those on Debian.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
.DEFAULT_GOAL := help
.NOTPARALLEL:

GO       ?= go
ARGS     ?=
PKG      ?= ./...
FUZZTIME ?= 20s
COUNT    ?= 6

# Every folder with a go.mod is a module of its own, so that the tools and the peers we
# measure against stay out of ours.
MODULES := . $(patsubst %/go.mod,%,$(wildcard */go.mod))
OTHERS  := $(filter-out .,$(MODULES))

tool = $(GO) tool -modfile='$(CURDIR)/tools/go.mod'
step = @bash tools/step.sh

.PHONY: help
help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##

.PHONY: run build clean
run: ## start the server with its demo chat; ARGS="--addr :9000" passes flags
	$(GO) run ./cmd/live serve $(ARGS)

build: ## the binary: bin/live, static, needs nothing else
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -o bin/live ./cmd/live

clean: ## remove what the other targets have built
	rm -rf bin bench/bin

##

.PHONY: test test-race test-modules test-servers test-browser test-model test-faults test-chaos chaos test-all cover
test: ## the tests: Go alone, no root, under two minutes
	@$(GO) test -json $(PKG) | $(GO) run -C tools ./tally

test-race: ## the tests under the race detector (needs a C compiler)
	@$(GO) test -race -json $(PKG) | $(GO) run -C tools ./tally

test-modules: ## the tests of the other modules: the bench, the tools
	@for m in $(OTHERS); do echo "module $$m"; $(GO) -C $$m test -json ./... | $(GO) run -C tools ./tally; done

test-servers: ## the brokers' tests that need a real server (redis-server)
	@$(GO) test -tags servers -json ./broker/redisbroker/... ./internal/redistest/... | $(GO) run -C tools ./tally

test-browser: ## the demo chat in a headless browser (needs Chromium and Node)
	@bash test/browser/run.sh

test-model: ## the randomized model over a million publications
	$(GO) test -count=1 -run '^TestModel' -timeout 20m . -live.publications=1000000 $(ARGS)

test-faults: ## plants faults one at a time, each of which the model must find
	@bash test/faults/run.sh $(ARGS)

test-chaos: ## three nodes, faults of all kinds, every record checked: some minutes
	@bash test/chaos/run.sh short $(ARGS)

chaos: ## the same for an hour
	@bash test/chaos/run.sh long $(ARGS)

test-all: ## all that is checked before a commit counts; installs what it needs
	$(step) needs bash tools/need.sh gcc:build-essential node:nodejs chromium redis-server
	$(step) format $(MAKE) --no-print-directory format
	$(step) vet $(MAKE) --no-print-directory vet
	$(step) staticcheck $(MAKE) --no-print-directory staticcheck
	$(step) cross $(MAKE) --no-print-directory cross
	$(step) fuzz-seeds $(MAKE) --no-print-directory fuzz-seeds
	$(step) test-modules $(MAKE) --no-print-directory test-modules
	$(step) test-servers $(MAKE) --no-print-directory test-servers
	$(step) test-browser $(MAKE) --no-print-directory test-browser
	$(step) test-race $(MAKE) --no-print-directory test-race
	$(step) test-chaos $(MAKE) --no-print-directory test-chaos

cover: ## which lines the tests reach: bin/cover.html
	@mkdir -p bin
	$(GO) test -coverpkg=./... -coverprofile=bin/cover.out $(PKG) >/dev/null
	$(GO) tool cover -html=bin/cover.out -o bin/cover.html
	@$(GO) tool cover -func=bin/cover.out | tail -n 1

##

.PHONY: fuzz fuzz-seeds
fuzz: ## every fuzz target in turn, for FUZZTIME=20s each
	@for m in $(MODULES); do (cd $$m && bash '$(CURDIR)/tools/fuzz.sh' $(FUZZTIME)); done

fuzz-seeds: ## every fuzz target over its kept inputs alone
	@for m in $(MODULES); do $(GO) -C $$m test -json -run '^Fuzz' ./... | $(GO) run -C tools ./tally -none; done

##

.PHONY: bench bench-topics bench-cluster bench-go bench-compare
bench: ## the table of docs/performance.md: this server beside its peers
	cd bench && $(GO) run ./cmd/bench $(ARGS)

bench-topics: ## what history, recovery, subscriptions and presence cost
	cd bench && $(GO) run ./cmd/topics $(ARGS)

bench-cluster: ## what a cluster costs, on Redis and on NATS (needs redis-server)
	@bash tools/need.sh redis-server
	cd bench && $(GO) run ./cmd/cluster $(ARGS)

bench-go: ## Go benchmarks with allocations, COUNT=6 of each
	@$(GO) test -run '^$$' -bench . -benchmem -count $(COUNT) $(PKG)

bench-compare: ## two outputs of bench-go beside each other: OLD=a.txt NEW=b.txt
	@$(tool) benchstat $(OLD) $(NEW)

##

.PHONY: lint fmt format vet staticcheck cross
lint: format vet staticcheck ## format, vet and staticcheck; the house rules are tests

fmt: ## write the format
	@$(tool) gofumpt -w .

format: ## is everything gofumpt's format?
	@bad=$$($(tool) gofumpt -l .); if [ -n "$$bad" ]; then \
		echo "not in gofumpt's format, run make fmt:"; echo "$$bad"; exit 1; fi

vet: ## go vet of every module
	@for m in $(MODULES); do $(GO) -C $$m vet -tags servers ./...; done

staticcheck: ## staticcheck of every module
	@for m in $(MODULES); do echo "staticcheck $$m"; $(GO) -C $$m tool -modfile='$(CURDIR)/tools/go.mod' staticcheck -tags servers ./...; done

cross: ## does it compile for other systems?
	@for target in linux/arm64 darwin/arm64 windows/amd64; do echo "build $$target"; \
		CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} $(GO) build -o /dev/null ./...; done
