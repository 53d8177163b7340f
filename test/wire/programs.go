// Package wire opens WebSockets through real ingress controllers, on a local cluster in
// which Holdfast changes Ingresses and Services as they are written.
package wire

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

// Names of the programs and of the root filesystems that some of them need.
const (
	traefik        = "traefik"
	skipper        = "skipper"
	haproxyIngress = "haproxy-ingress-controller"
	haproxytech    = "haproxytech-controller"
	haproxy        = "haproxy"
	haproxyStandIn = "haproxy-stand-in"
	kubeProxy      = "kube-proxy"
	nftables       = "nftables"
	server         = "server"
	node           = "node"
	nginx          = "nginx"
	ingressNginx   = "nginx-ingress-controller"
	luaStandIns    = "ingress-nginx-lua"
	nginxInc       = "nginx-inc"
)

// programs are what the images of the manifests below controllers are made of.
func programs() []parts.Part {
	const kubernetes = "v" + parts.Newest
	return []parts.Part{
		{
			Name: server, Version: "dev", Weight: 10,
			Module: "wire", Package: "./server", Sources: []string{"wire/server"},
		},
		{Name: node, Version: "debian", Weight: 20, Packages: []string{"nodejs"}},
		parts.NodeServers(),
		{
			Name: skipper, Version: "v0.27.50", Weight: 100,
			Module: "tools/skipper", Package: "github.com/zalando/skipper/cmd/skipper",
		},
		{Name: haproxy, Version: "debian", Weight: 15, Packages: []string{"haproxy", "dash", "coreutils", "socat", "lua-json"}},
		{
			Name: haproxyIngress, Version: "v0.16.1", Weight: 180,
			Module: "tools/haproxy-ingress", Package: "github.com/jcmoraisjr/haproxy-ingress/pkg",
			Data: parts.ModuleFolder{Module: "github.com/jcmoraisjr/haproxy-ingress", Folder: "rootfs"},
		},
		{
			Name: haproxytech, Version: "v1.11.12", Weight: 120,
			Module: "tools/haproxytech", Package: "github.com/haproxytech/kubernetes-ingress",
			Stamps: []string{"github.com/haproxytech/kubernetes-ingress/pkg/version.GitTag=v1.11.12"},
		},
		{
			Name: haproxyStandIn, Version: "dev", Weight: 10,
			Module: "wire", Package: "./stand-ins/haproxy", Sources: []string{"wire/stand-ins/haproxy"},
		},
		{Name: nftables, Version: "debian", Weight: 15, Packages: []string{"nftables", "iptables", "dash", "coreutils"}},
		{
			Name: nginx, Version: "debian", Weight: 20,
			Packages: []string{
				"nginx", "libnginx-mod-http-ndk", "libnginx-mod-http-lua", "libnginx-mod-http-headers-more-filter",
				"libnginx-mod-stream", "lua-cjson", "dash", "coreutils", "sed",
			},
		},
		{
			Name: ingressNginx, Version: "2024-07-08", Weight: 80,
			Module: "tools/ingress-nginx", Package: "k8s.io/ingress-nginx/cmd/nginx",
			Data: parts.ModuleFolder{Module: "k8s.io/ingress-nginx", Folder: "rootfs"},
		},
		{
			Name: nginxInc, Version: "v1.12.5", Weight: 60,
			Module: "tools/nginx-inc", Package: ".", Sources: []string{"tools/nginx-inc"},
			Data: parts.ModuleFolder{Module: "github.com/nginxinc/kubernetes-ingress", Folder: "internal/configs"},
		},
		{Name: luaStandIns, Folder: "wire/stand-ins/ingress-nginx"},
		{
			Name: kubeProxy, Version: kubernetes, Weight: 60,
			Module: "tools/kubernetes", Package: "k8s.io/kubernetes/cmd/kube-proxy",
			Stamps: []string{"k8s.io/component-base/version.gitVersion=" + kubernetes},
		},
		{
			Name: traefik, Version: "v3.7.10", Weight: 400,
			Module: "tools/traefik", Package: "github.com/traefik/traefik/v3/cmd/traefik",
			Stamps: []string{"github.com/traefik/traefik/v3/pkg/version.Version=v3.7.10"},
		},
	}
}

// layers are the programs and folders that an image consists of, lowest first.
func layers() map[string][]string {
	return map[string][]string{
		"localhost/server":                         {server},
		"localhost/node":                           {node, parts.NodeServers().Name},
		"localhost/traefik":                        {traefik},
		"localhost/skipper":                        {skipper},
		"localhost/haproxy-ingress":                {haproxy, haproxyIngress},
		"localhost/haproxytech/kubernetes-ingress": {haproxy, haproxyStandIn, haproxytech},
		"localhost/kube-proxy":                     {nftables, kubeProxy},
		"localhost/ingress-nginx":                  {nginx, luaStandIns, ingressNginx},
		"localhost/nginx-inc":                      {nginx, nginxInc},
	}
}

// images builds what is missing of this run's images, and returns each image's layers as
// the cluster takes them.
func images(ctx context.Context, progress func(parts.Progress)) (map[string]string, error) {
	finder, err := parts.NewFinder(ctx, progress)
	if err != nil {
		return nil, err
	}
	needed := []string{"localhost/server", "localhost/kube-proxy"}
	if *full {
		needed = append(needed, "localhost/node")
	}
	for _, c := range controllers() {
		needed = append(needed, c.Image)
	}
	var names []string
	for _, image := range needed {
		names = append(names, layers()[image]...)
	}
	found, err := finder.Find(ctx, slices.DeleteFunc(programs(), func(p parts.Part) bool { return !slices.Contains(names, p.Name) })...)
	if err != nil {
		return nil, fmt.Errorf("getting the controllers' programs: %w", err)
	}
	made := map[string]string{}
	for _, image := range needed {
		var paths []string
		for _, name := range layers()[image] {
			if data := found[name].Data; data != "" {
				paths = append(paths, data)
			}
			paths = append(paths, found[name].Path)
		}
		made[image] = strings.Join(paths, string(filepath.ListSeparator))
	}
	return made, nil
}
