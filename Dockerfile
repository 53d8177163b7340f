# The image holds one static binary, and the licences of what it is built with.
#
# From source:
#
#   docker build --build-arg VERSION=0.1.0 --build-arg COMMIT=$(git rev-parse HEAD) -t holdfast .
#
# From a binary that is already built, without network: a build context named
# like the first stage takes its place. Here bin/holdfast becomes /holdfast, and
# bin/NOTICE /NOTICE; `make build` makes both.
#
#   docker build --build-context build=bin -t holdfast .

FROM --platform=$BUILDPLATFORM golang:1.26.8@sha256:0f063af2d465d8dcae54cce04278ada488b96f77b42449c8d071e47d016cc65a AS build
WORKDIR /source
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS TARGETARCH
ARG VERSION=unknown
ARG COMMIT=unknown
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath \
    -ldflags "-s -w -X main.version=$VERSION -X main.commit=$COMMIT" \
    -o /holdfast ./cmd/holdfast && \
    go run test/licences/main.go /holdfast > /NOTICE

FROM scratch
COPY --from=build /holdfast /NOTICE /
# By number, so that the kubelet can tell it isn't root.
USER 65532:65532
ENTRYPOINT ["/holdfast"]
