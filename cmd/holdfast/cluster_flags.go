package main

import (
	"fmt"

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
