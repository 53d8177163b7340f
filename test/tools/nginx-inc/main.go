// Command nginx-inc runs F5's NGINX Ingress Controller 1.12 in a cluster of today. The
// controller's own main program asks for Ingresses of networking.k8s.io/v1beta1, which no
// API server has served since Kubernetes 1.22. This one puts the controller's packages
// together in the same way, and hands them Ingresses of v1 as those of v1beta1. What is
// watched and accepted, the templates, and how NGINX is run are the controller's.
//
// It reads the templates from its working directory.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/nginxinc/kubernetes-ingress/internal/configs"
	"github.com/nginxinc/kubernetes-ingress/internal/configs/version1"
	"github.com/nginxinc/kubernetes-ingress/internal/configs/version2"
	"github.com/nginxinc/kubernetes-ingress/internal/k8s"
	"github.com/nginxinc/kubernetes-ingress/internal/metrics/collectors"
	"github.com/nginxinc/kubernetes-ingress/internal/nginx"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// options are the program's flags.
type options struct {
	class     string
	namespace string
	configMap string
	ready     string
}

func main() {
	var o options
	flag.StringVar(&o.class, "ingress-class", "nginx", "name of the IngressClass to serve")
	flag.StringVar(&o.namespace, "namespace", "", "namespace of the controller and its ConfigMap")
	flag.StringVar(&o.configMap, "configmap", "", "name of the ConfigMap with the controller's settings")
	flag.StringVar(&o.ready, "ready-address", ":8081", "where /nginx-ready is served")
	// The controller logs by glog, which has flags on the process-wide set.
	_ = flag.Set("logtostderr", "true")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		log.Fatal("nginx-inc: ", err)
	}
}

// run runs NGINX and the controller until the context ends.
func run(ctx context.Context, o options) error {
	config, err := rest.InClusterConfig()
	if err != nil {
		return err
	}
	cluster, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	configMap, err := cluster.CoreV1().ConfigMaps(o.namespace).Get(ctx, o.configMap, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("reading the settings: %w", err)
	}
	manager := nginx.NewLocalManager("/etc/nginx/", false, collectors.NewManagerFakeCollector(), 10*time.Second)
	configurator, err := configure(manager, configs.ParseConfigMap(configMap, false, false))
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	manager.Start(ended)

	controller := k8s.NewLoadBalancerController(k8s.NewLoadBalancerControllerInput{
		KubeClient:          client{cluster},
		ResyncPeriod:        30 * time.Second,
		NginxConfigurator:   configurator,
		IngressClass:        o.class,
		UseIngressClassOnly: true,
		ControllerNamespace: o.namespace,
		ConfigMaps:          o.namespace + "/" + o.configMap,
		MetricsCollector:    collectors.NewControllerFakeCollector(),
	})
	go serveReadiness(o.ready, controller)
	go controller.Run()
	select {
	case err := <-ended:
		return fmt.Errorf("NGINX has ended: %w", err)
	case <-ctx.Done():
		controller.Stop()
		manager.Quit()
		return <-ended
	}
}

// configure writes NGINX's main configuration, and returns what writes those of Ingresses.
func configure(manager nginx.Manager, settings *configs.ConfigParams) (*configs.Configurator, error) {
	templates, err := version1.NewTemplateExecutor("version1/nginx.tmpl", "version1/nginx.ingress.tmpl")
	if err != nil {
		return nil, fmt.Errorf("reading the templates of Ingresses: %w", err)
	}
	resources, err := version2.NewTemplateExecutor("version2/nginx.virtualserver.tmpl", "version2/nginx.transportserver.tmpl")
	if err != nil {
		return nil, fmt.Errorf("reading the templates of custom resources: %w", err)
	}
	static := &configs.StaticConfigParams{SSLRejectHandshake: true}
	text, err := templates.ExecuteMainConfigTemplate(configs.GenerateNginxMainConfig(static, settings))
	if err != nil {
		return nil, fmt.Errorf("writing NGINX's configuration: %w", err)
	}
	manager.CreateMainConfig(text)
	manager.UpdateConfigVersionFile(false)
	return configs.NewConfigurator(manager, static, settings, templates, resources, false, false, nil, false,
		collectors.NewLatencyFakeCollector(), false), nil
}

// serveReadiness answers 200 once NGINX has the configuration of all Ingresses.
func serveReadiness(address string, controller *k8s.LoadBalancerController) {
	mux := http.NewServeMux()
	mux.HandleFunc("/nginx-ready", func(w http.ResponseWriter, _ *http.Request) {
		if !controller.IsNginxReady() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	server := http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: time.Second}
	fmt.Fprintln(os.Stderr, server.ListenAndServe())
}
