// Package parts finds or builds the programs that a cluster is made of.
//
// Each part is one row of a table: which module builds it, and which program of
// the same version may stand in for it. What is built is kept outside the work
// tree under a key made of everything that went into it, so a second start
// takes what is there, and a changed version never meets an old build.
package parts

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// Part is one program of the cluster, or of the tests on it.
type Part struct {
	Name    string
	Version string

	// Packages are the Debian packages that a part is unpacked from, as a folder with a
	// root filesystem; such a part has no module. OnMachine says that its programs run on
	// this machine itself, so what that has installed is left out.
	Packages  []string
	OnMachine bool

	// Scripts is a folder below the Finder's root with JavaScript and a package-lock.json.
	// It is copied, and npm installs the packages into the copy.
	Scripts string

	// Folder is a folder below the Finder's root that is used as it is.
	Folder string

	// Module is the folder of the part's Go module, below the Finder's root;
	// Package is what is built there, and Stamps are the variables that carry
	// the version into the program.
	Module  string
	Package string
	Stamps  []string

	// Sources are the folders of our own that are compiled in. go.mod and
	// go.sum always count.
	Sources []string

	// Elsewhere is where a machine may already have the part.
	Elsewhere Elsewhere

	// Data is a folder of a module that the part needs at run time.
	Data ModuleFolder

	// Weight is about how many seconds a first build takes on two cores. It
	// serves the estimate only.
	Weight int
}

// Elsewhere says where to look for a part that needs no building, and how to
// tell its version.
type Elsewhere struct {
	// Folder is an environment variable with a folder ("PATH" holds
	// several).
	Folder string
	// Version are the arguments that make the program print its version.
	Version []string
	// Prints is what it then prints, among other things.
	Prints string
}

// ModuleFolder names a folder in a module from the module proxy.
type ModuleFolder struct {
	Module string
	Folder string
}

// Names of the parts.
const (
	Etcd              = "etcd"
	APIServer         = "kube-apiserver"
	ControllerManager = "kube-controller-manager"
	CertManager       = "certmanager"
	Kubectl           = "kubectl"
	Helm              = "helm"
	Cluster           = "cluster"
)

// The pinned versions. The go.mod files under tools carry the same ones; a
// test compares them.
const (
	etcdVersion        = "v3.6.8"
	helmVersion        = "v4.3.1"
	certManagerVersion = "v1.21.2"
)

// Newest is the version of Kubernetes that a cluster runs unless another is asked
// for.
const Newest = "1.36.3"

// releases are the versions of Kubernetes that a cluster can run, each with the
// folder of the module that pins it.
func releases() map[string]string {
	return map[string]string{
		Newest:    "tools/kubernetes",
		"1.33.13": "tools/kubernetes-1.33",
	}
}

const assets = "KUBEBUILDER_ASSETS"

// All are the parts of a cluster of the newest Kubernetes.
func All() []Part { return withKubernetes(Newest, releases()[Newest]) }

// WithKubernetes are the parts of a cluster of that version, such as "1.33.13".
func WithKubernetes(version string) ([]Part, error) {
	module, ok := releases()[version]
	if !ok {
		known := slices.Sorted(maps.Keys(releases()))
		return nil, fmt.Errorf("there is no module for Kubernetes %q, only for %s", version, strings.Join(known, " and "))
	}
	return withKubernetes(version, module), nil
}

// withKubernetes has those parts first that the others share packages with, so
// that the estimate is soon a good one.
func withKubernetes(version, module string) []Part {
	version = "v" + version
	stamps := []string{"k8s.io/component-base/version.gitVersion=" + version}
	return []Part{
		{
			Name: Etcd, Version: etcdVersion, Weight: 40,
			Module: "tools/etcd", Package: "go.etcd.io/etcd/server/v3",
			Elsewhere: Elsewhere{Folder: assets, Version: []string{"--version"}, Prints: "etcd Version: 3.6.8\n"},
		},
		{
			Name: APIServer, Version: version, Weight: 200,
			Module: module, Package: "k8s.io/kubernetes/cmd/kube-apiserver", Stamps: stamps,
			Elsewhere: Elsewhere{Folder: assets, Version: []string{"--version"}, Prints: "Kubernetes " + version + "\n"},
		},
		{
			Name: ControllerManager, Version: version, Weight: 80,
			Module: module, Package: "k8s.io/kubernetes/cmd/kube-controller-manager", Stamps: stamps,
		},
		{
			Name: Kubectl, Version: version, Weight: 35,
			Module: module, Package: "k8s.io/kubernetes/cmd/kubectl", Stamps: stamps,
			Elsewhere: Elsewhere{Folder: "PATH", Version: []string{"version", "--client"}, Prints: "Client Version: " + version + "\n"},
		},
		{
			Name: Helm, Version: helmVersion, Weight: 200,
			Module: "tools/helm", Package: "helm.sh/helm/v4/cmd/helm",
			Stamps:    []string{"helm.sh/helm/v4/internal/version.version=" + helmVersion},
			Elsewhere: Elsewhere{Folder: "PATH", Version: []string{"version", "--short"}, Prints: helmVersion},
		},
		{
			Name: CertManager, Version: certManagerVersion, Weight: 330,
			Module: "tools/certmanager", Package: ".", Sources: []string{"tools/certmanager"},
			Data: ModuleFolder{Module: "github.com/cert-manager/cert-manager", Folder: "deploy/crds"},
		},
	}
}

// Program is the cluster program itself, for those who start a cluster from Go.
func Program() Part {
	return Part{
		Name: Cluster, Version: "dev", Weight: 60,
		Module: "cluster", Package: ".", Sources: []string{"cluster"},
	}
}

// NodeServers are servers of ws and Socket.io, and a client of Socket.io.
func NodeServers() Part {
	return Part{Name: "node-servers", Version: "dev", Weight: 10, Scripts: "probe/servers"}
}

// Built is a part that is there to be started.
type Built struct {
	// Path is the program, or the folder of a part that consists of packages or scripts.
	Path string
	// Data is where the part's ModuleFolder was copied to.
	Data string
}

func builtIn(folder string, p Part) Built {
	b := Built{Path: filepath.Join(folder, p.Name)}
	if p.Data.Module != "" {
		b.Data = filepath.Join(folder, "data")
	}
	return b
}
