# The image holds one static binary and nothing else.
#
# From source:
#
#   docker build --build-arg VERSION=0.1.0 --build-arg COMMIT=$(git rev-parse HEAD) -t holdfast .
#
# From a binary that is already built, without network: a build context named
# like the first stage takes its place. Here bin/holdfast becomes /holdfast.
#
#   docker build --build-context build=bin -t holdfast .

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /source
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS TARGETARCH
ARG VERSION=unknown
ARG COMMIT=unknown
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath \
    -ldflags "-s -w -X main.version=$VERSION -X main.commit=$COMMIT" \
    -o /holdfast ./cmd/holdfast

FROM scratch
COPY --from=build /holdfast /holdfast
# By number, so that the kubelet can tell it isn't root.
USER 65532:65532
ENTRYPOINT ["/holdfast"]
