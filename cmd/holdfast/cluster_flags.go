package main

import (
	"fmt"
	"slices"

	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// clusterFlags are kubectl's flags, which say how a cluster is reached.
type clusterFlags struct{ *genericclioptions.ConfigFlags }

func newClusterFlags() clusterFlags {
	f := clusterFlags{genericclioptions.NewConfigFlags(true)}
	// No command caches what it has read.
	f.CacheDir = nil
	return f
}

// add adds the flags; namespace says what -n is for.
func (c clusterFlags) add(f *pflag.FlagSet, namespace string) {
	c.AddFlags(f)
	f.Lookup("namespace").Usage = namespace
}

// withFiles are the flags that have a meaning beside -f: those about a cluster have none.
var withFiles = []string{
	filenameFlag, "recursive", "namespace", "policy", "output", "fail-on", "fail-if-no-objects", "quiet", "assume", "baseline",
}

// checkOthers returns an error if a flag is set that has no meaning beside another one: it
// would be ignored in silence.
func checkOthers(f *pflag.FlagSet, beside string, allowed []string) (err error) {
	f.Visit(func(each *pflag.Flag) {
		if !slices.Contains(allowed, each.Name) {
			err = fmt.Errorf("--%s can't be used with %s", each.Name, beside)
		}
	})
	return err
}

// config returns how the API server is reached: as the flags say, else the user's
// kubeconfig, else the pod.
func (c clusterFlags) config() (*rest.Config, error) {
	// client-go takes the pod's account only if nothing is set, not even a time limit.
	limit := *c.Timeout
	*c.Timeout = "0"
	config, err := c.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("finding the API server: %w", err)
	}
	if config.Timeout, err = clientcmd.ParseTimeout(limit); err != nil {
		return nil, fmt.Errorf("--request-timeout: %w", err)
	}
	return unlimited(config), nil
}

// unlimited returns a config without the client's limit. The API server limits its clients
// itself (priority and fairness), and the default limit would delay the eleventh read within
// two seconds.
func unlimited(config *rest.Config) *rest.Config {
	config.QPS = -1
	return config
}
