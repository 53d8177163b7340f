// What Traefik's go.mod replaces by a folder of its repository, which no
// published module carries.
module github.com/traefik/traefik/dynamic/ext

go 1.26.0
