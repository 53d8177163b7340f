// Command certmanager runs cert-manager without a container: it installs the
// CustomResourceDefinitions, then runs the controllers for CA and self-signed
// issuers and the CA injector in one process.
//
// cert-manager's own admission webhook is left out: nothing that it checks or
// defaults matters to the Issuers and Certificates of a Helm chart under test.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/controller/cainjector"
	"github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	requestca "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	requestselfsigned "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	"github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	"github.com/cert-manager/cert-manager/pkg/controller/issuers"
	"github.com/cert-manager/cert-manager/pkg/util"
	corev1 "k8s.io/api/core/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	// The issuers register themselves; without these two there are none.
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
)

// options are the program's flags.
type options struct {
	kubeconfig string
	namespace  string
	crds       string
	health     string
}

func main() {
	var o options
	flags := flag.NewFlagSet("certmanager", flag.ExitOnError)
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "the cluster to serve")
	flags.StringVar(&o.namespace, "cluster-resource-namespace", "cert-manager", "where the Secrets of ClusterIssuers are")
	flags.StringVar(&o.crds, "crds", "", "folder of the CustomResourceDefinitions to install")
	flags.StringVar(&o.health, "health-address", "127.0.0.1:9403", "where /healthz and /readyz are served")
	_ = flags.Parse(os.Args[1:]) // ExitOnError

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "certmanager:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	ctrllog.SetLogger(klog.Background())
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return fmt.Errorf("reading the kubeconfig: %w", err)
	}
	config.QPS = -1                                             // the API server's own priorities and fairness are enough
	config = util.RestConfigWithUserAgent(config, "cainjector") // its field manager, too
	types, err := newScheme()
	if err != nil {
		return err
	}
	if err := installCRDs(ctx, config, types, o); err != nil {
		return err
	}
	mgr, err := newManager(config, types, o)
	if err != nil {
		return fmt.Errorf("making the manager: %w", err)
	}
	if err := addInjector(ctx, mgr); err != nil {
		return fmt.Errorf("adding the CA injector: %w", err)
	}
	if err := addControllers(ctx, mgr, o); err != nil {
		return err
	}
	return mgr.Start(ctx)
}

func newScheme() (*runtime.Scheme, error) {
	types := runtime.NewScheme()
	err := errors.Join(
		scheme.AddToScheme(types),
		certmanager.AddToScheme(types),
		apiextensions.AddToScheme(types),
		apiregistration.AddToScheme(types),
	)
	return types, err
}

func newManager(config *rest.Config, types *runtime.Scheme, o options) (manager.Manager, error) {
	mgr, err := manager.New(config, manager.Options{
		Scheme:                 types,
		HealthProbeBindAddress: o.health,
		Metrics:                server.Options{BindAddress: "0"},
		// The injector watches the metadata of Secrets only and reads the few
		// it needs, so a cache of whole Secrets would be a second one.
		Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
	})
	if err != nil {
		return nil, err
	}
	synced := func(r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		defer cancel()
		if !mgr.GetCache().WaitForCacheSync(ctx) {
			return errors.New("the caches are not filled yet")
		}
		return nil
	}
	return mgr, mgr.AddReadyzCheck("caches", synced)
}

func addInjector(ctx context.Context, mgr manager.Manager) error {
	return cainjector.RegisterAllInjectors(ctx, mgr, cainjector.SetupOptions{
		EnableCertificatesDataSource: true,
		EnabledReconcilersFor: map[string]bool{
			cainjector.MutatingWebhookConfigurationName:   true,
			cainjector.ValidatingWebhookConfigurationName: true,
			cainjector.APIServiceName:                     true,
			cainjector.CustomResourceDefinitionName:       true,
		},
	})
}

// controllers are those that CA and self-signed issuers need.
func controllers() []string {
	return []string{
		issuers.ControllerName,
		clusterissuers.ControllerName,
		approver.ControllerName,
		requestca.CRControllerName,
		requestselfsigned.CRControllerName,
		trigger.ControllerName,
		keymanager.ControllerName,
		requestmanager.ControllerName,
		issuing.ControllerName,
		readiness.ControllerName,
		revisionmanager.ControllerName,
	}
}

// addControllers makes every controller before any informer starts: making one
// is what registers its informers with the shared factories.
func addControllers(ctx context.Context, mgr manager.Manager, o options) error {
	factory, err := controller.NewContextFactory(ctx, controller.ContextOptions{
		Kubeconfig:    o.kubeconfig,
		IssuerOptions: controller.IssuerOptions{ClusterResourceNamespace: o.namespace},
		CertificateOptions: controller.CertificateOptions{
			CertificateRequestMinimumBackoffDuration: time.Second,
			CertificateRequestMaximumBackoffDuration: 10 * time.Second,
		},
	})
	if err != nil {
		return fmt.Errorf("making the controllers' context: %w", err)
	}
	for _, name := range controllers() {
		c, err := controller.Known()[name](factory)
		if err != nil {
			return fmt.Errorf("making controller %s: %w", name, err)
		}
		if err := mgr.Add(runner(c)); err != nil {
			return fmt.Errorf("adding controller %s: %w", name, err)
		}
	}
	shared, err := factory.Build()
	if err != nil {
		return fmt.Errorf("making the informers: %w", err)
	}
	shared.KubeSharedInformerFactory.Start(ctx.Done())
	shared.SharedInformerFactory.Start(ctx.Done())
	return nil
}

func runner(c controller.Interface) manager.RunnableFunc {
	const workers = 2
	return func(ctx context.Context) error { return c.Run(workers, ctx) }
}
