package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// CloudTimer is the idle timer of a load balancer that a cloud builds for a Service of
// type LoadBalancer. It is in front of the ingress controller, so the shorter one of the
// two closes an idle WebSocket.
type CloudTimer struct {
	// Cloud is the cloud's name in policies.
	Cloud string
	// Balancer is what sentences call the load balancer.
	Balancer string
	// Applies reports whether the cloud builds this load balancer for a Service with these
	// annotations and this spec.loadBalancerClass; nil: for those without a class that no
	// earlier entry applies to.
	Applies func(annotations map[string]string, class string) bool
	// Keys are the annotations of the Service that set the timer, all to the same value; none
	// if it can't be set. PortPlace in them stands for each port of the Service.
	Keys []string
	// Element is the timer's name in the annotation, which holds NAME=VALUE,NAME=VALUE;
	// empty if it holds nothing else.
	Element string
	Format  Timer
	// Default is the timer without an annotation; zero if that isn't known.
	Default duration.Duration
	// Limits are what the cloud takes.
	Limits Limits
	// BadValue is what a value that the cloud can't read does.
	BadValue string
}

// PortPlace stands for a port in a CloudTimer's key.
const PortPlace = "{port}"

// syncFails is what a wrong number costs with all clouds but one
// (k8s.io/cloud-provider/controllers/service reports SyncLoadBalancerFailed).
const syncFails = "the load balancer is neither created nor updated"

// cloudTimers are the load balancers of the clouds, those that only some Services get
// first. Nothing writes to it. The sources are those of the clouds' controllers:
// cloud-provider-aws v1.36.1 pkg/providers/v1/aws.go, aws-load-balancer-controller
// pkg/service/model_build_listener.go, cloud-provider-azure v1.36.5
// pkg/provider/azure_loadbalancer.go, digitalocean-cloud-controller-manager v0.1.68
// do/loadbalancers.go, cloud-provider-openstack v2.36.0 pkg/openstack/loadbalancer.go,
// hcloud-cloud-controller-manager internal/annotation/load_balancer.go,
// oci-cloud-controller-manager v1.35.0 load_balancer_spec.go,
// scaleway-cloud-controller-manager v0.36.2 scaleway/loadbalancers_annotations.go.
var cloudTimers = [...]CloudTimer{
	{
		Cloud: "aws", Balancer: "AWS's NLB", Applies: isControllersNLB,
		Keys: []string{"service.beta.kubernetes.io/aws-load-balancer-listener-attributes.TCP-" + PortPlace}, Element: "tcp.idle_timeout.seconds",
		Format: plainSeconds, Default: 350 * second, Limits: between(60*second, 6000*second), BadValue: syncFails,
	},
	{
		Cloud: "aws", Balancer: "AWS's NLB", Applies: isNLB, Format: plainSeconds, Default: 350 * second,
	},
	{
		Cloud: "aws", Balancer: "AWS's Classic ELB", Keys: []string{"service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout"},
		Format: plainSeconds, Default: 60 * second, Limits: between(second, 4000*second), BadValue: syncFails,
	},
	{
		Cloud: "azure", Balancer: "Azure's load balancer", Keys: []string{"service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout"},
		Format: Timer{Parser: wholeMinutes, Unit: duration.Minute}, Default: 4 * duration.Minute,
		Limits: between(4*duration.Minute, 100*duration.Minute), BadValue: syncFails,
	},
	{
		Cloud: "digitalocean", Balancer: "DigitalOcean's load balancer",
		Keys:   []string{"service.beta.kubernetes.io/do-loadbalancer-http-idle-timeout-seconds"},
		Format: plainSeconds, Default: 60 * second, Limits: between(30*second, 600*second), BadValue: syncFails,
	},
	{
		Cloud: "openstack", Balancer: "OpenStack's load balancer",
		Keys:   []string{"loadbalancer.openstack.org/timeout-client-data", "loadbalancer.openstack.org/timeout-member-data"},
		Format: Timer{Parser: atoi(millisecond), Unit: millisecond}, Default: 50 * second, BadValue: "the default is used",
	},
	{
		Cloud: "hetzner", Balancer: "Hetzner's load balancer", Applies: isHetznerHTTP, Keys: []string{"load-balancer.hetzner.cloud/http-timeout-idle"},
		Format: secondsWithUnit, Limits: between(30*second, 300*second), BadValue: syncFails,
	},
	{
		Cloud: "oci", Balancer: "Oracle's load balancer", Applies: isOracleLB,
		Keys:   []string{"service.beta.kubernetes.io/oci-load-balancer-connection-idle-timeout"},
		Format: plainSeconds, Default: 300 * second, Limits: upTo(7200 * second), BadValue: syncFails,
	},
	{
		Cloud: "scaleway", Balancer: "Scaleway's load balancer", Keys: []string{"service.beta.kubernetes.io/scw-loadbalancer-timeout-tunnel"},
		Format: secondsWithUnit, Default: 10 * duration.Minute, BadValue: syncFails,
	},
	{
		Cloud: "alibaba", Balancer: "Alibaba Cloud's CLB", Keys: []string{"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-established-timeout"},
		Format: plainSeconds, BadValue: syncFails,
	},
}

// awsTypeKey is the annotation that says which load balancer AWS builds for a Service.
const awsTypeKey = "service.beta.kubernetes.io/aws-load-balancer-type"

// IsLeftToAWSController reports whether the annotations of a Service make AWS's cloud
// controller leave it to the AWS Load Balancer Controller (cloud-provider-aws
// pkg/providers/v1/aws_loadbalancer.go isLBExternal).
func IsLeftToAWSController(annotations map[string]string) bool {
	kind := annotations[awsTypeKey]
	return kind == "nlb-ip" || kind == "external"
}

// isControllersNLB reports whether the AWS Load Balancer Controller or EKS Auto Mode builds
// the load balancer. For a Service they build nothing but an NLB.
func isControllersNLB(annotations map[string]string, class string) bool {
	return IsLeftToAWSController(annotations) || slices.Contains(awsClasses[:], class)
}

// isNLB reports whether AWS's cloud controller builds an NLB, whose timer can't be set.
func isNLB(annotations map[string]string, class string) bool {
	return class == "" && annotations[awsTypeKey] == "nlb"
}

// isHetznerHTTP reports whether the load balancer speaks HTTP. With TCP, the default, it has
// no timer that can be set.
func isHetznerHTTP(annotations map[string]string, _ string) bool {
	return strings.HasPrefix(annotations["load-balancer.hetzner.cloud/protocol"], "http")
}

// isOracleLB reports whether it isn't the network load balancer, for which no key is known.
func isOracleLB(annotations map[string]string, _ string) bool {
	return annotations["oci.oraclecloud.com/load-balancer-type"] != "nlb"
}

// wholeMinutes parses a number of minutes, which may have spaces around it.
func wholeMinutes(text string) (duration.Duration, bool) {
	return atoi(duration.Minute)(strings.TrimSpace(text))
}

// cloudPrefixes begin the annotations of Services that only one cloud reads, or writes there.
// Nothing writes to it.
var cloudPrefixes = [...]struct{ prefix, cloud string }{
	{"service.beta.kubernetes.io/aws-load-balancer-", "aws"},
	{"service.beta.kubernetes.io/azure-", "azure"},
	{"service.beta.kubernetes.io/do-loadbalancer-", "digitalocean"},
	{"cloud.google.com/", "gcp"},
	{"networking.gke.io/", "gcp"},
	{"loadbalancer.openstack.org/", "openstack"},
	{"load-balancer.hetzner.cloud/", "hetzner"},
	{"service.beta.kubernetes.io/oci-load-balancer-", "oci"},
	{"oci.oraclecloud.com/", "oci"},
	{"oci-network-load-balancer.oraclecloud.com/", "oci"},
	{"service.beta.kubernetes.io/scw-loadbalancer-", "scaleway"},
	{"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-", "alibaba"},
}

// awsClasses are the values of spec.loadBalancerClass for which AWS builds an NLB. Nothing
// writes to it.
var awsClasses = [...]string{"service.k8s.aws/nlb", "eks.amazonaws.com/nlb"}

// cloudOf returns the cloud that the annotations and the class of a Service are for; empty
// if they are for none, or for several.
func cloudOf(annotations map[string]string, class string) string {
	found := ""
	if slices.Contains(awsClasses[:], class) {
		found = "aws"
	}
	for key := range annotations {
		for _, p := range cloudPrefixes {
			if !strings.HasPrefix(key, p.prefix) || p.cloud == found {
				continue
			}
			if found != "" {
				return ""
			}
			found = p.cloud
		}
	}
	return found
}

// CloudTimerOf returns the timer of the load balancer that a cloud builds for a Service
// with these annotations and this spec.loadBalancerClass; nil if none is known. If the
// cloud isn't known, it is the one that the annotations and the class are for.
func CloudTimerOf(cloud string, annotations map[string]string, class string) *CloudTimer {
	if cloud == "" {
		cloud = cloudOf(annotations, class)
	}
	for i := range cloudTimers {
		t := &cloudTimers[i]
		if t.Cloud != cloud {
			continue
		}
		if t.Applies != nil && t.Applies(annotations, class) || t.Applies == nil && class == "" {
			return t
		}
	}
	return nil
}

// KeysFor returns the annotations that set the timer of a Service with these ports.
func (t *CloudTimer) KeysFor(ports []int32) []string {
	var keys []string
	for _, key := range t.Keys {
		if !strings.Contains(key, PortPlace) {
			keys = append(keys, key)
			continue
		}
		for _, port := range ports {
			keys = append(keys, strings.ReplaceAll(key, PortPlace, strconv.Itoa(int(port))))
		}
	}
	return keys
}

// Read returns after how long the load balancer closes an idle WebSocket with the text of
// an annotation, zero if that isn't known, and whether the cloud takes the text.
func (t *CloudTimer) Read(text string) (after duration.Duration, ok bool) {
	if t.Element != "" {
		var found bool
		if text, found = element(text, t.Element); !found {
			return t.Default, true
		}
	}
	v := t.Format.Parse(text).Value
	if v.Duration() <= 0 || t.Limits.Clamp(v) != v {
		return t.Default, false
	}
	return v.Duration(), true
}

// element returns the value of a name in NAME=VALUE,NAME=VALUE.
func element(text, name string) (value string, found bool) {
	for part := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(part, "=")
		if strings.TrimSpace(key) == name {
			return strings.TrimSpace(value), true
		}
	}
	return "", false
}

// Write returns the text of the duration within the cloud's limits that is nearest to the
// wanted one, and that duration.
func (t *CloudTimer) Write(wanted duration.Duration) (text string, after duration.Duration) {
	// DurationOf(0) is no duration, which Clamp wouldn't raise to the minimum.
	v := t.Limits.Clamp(Value{Kind: DurationValue, Amount: int64(wanted)})
	text, _ = t.Format.Write(v)
	if t.Element != "" {
		text = t.Element + "=" + text
	}
	return text, v.Duration()
}

// CloudTimers returns the timers of the load balancers of all clouds.
func CloudTimers() []CloudTimer { return slices.Clone(cloudTimers[:]) }

// Remedy tells an admin what to set on the controller's Service so that an idle WebSocket
// stays open for a duration, or as long as the cloud takes.
func (t *CloudTimer) Remedy(wanted duration.Duration) string {
	if len(t.Keys) == 0 {
		return sendPings
	}
	text, after := t.Write(wanted)
	remedy := fmt.Sprintf("on the controller's Service set %s: %q", strings.ReplaceAll(t.Keys[0], PortPlace, "443"), text)
	if len(t.Keys) > 1 {
		remedy += " and the same for " + strings.Join(t.Keys[1:], ", ")
	}
	if after < wanted {
		remedy += fmt.Sprintf(" (%s at most: send pings too)", after)
	}
	return remedy
}
