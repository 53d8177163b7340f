package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"

	"github.com/holdfast-dev/holdfast/policy/audit"
)

// Cluster reads a cluster into a snapshot, with GET requests only.
type Cluster struct {
	// Namespace limits what is read to one Namespace; empty for all.
	Namespace string
	// Selector limits what is audited to objects with some labels; nil for all. The others
	// are read too, because objects refer to them.
	Selector labels.Selector
	// OnProgress is told how many objects of a resource were read, and how many there are as far
	// as the API server says so; nil for nobody.
	OnProgress func(resource string, read, total int64)

	Snapshot audit.Snapshot
	// UID is that of the Namespace kube-system, by which a cluster is known; empty if it
	// couldn't be read.
	UID string

	api rest.Interface
	// progress lets one call of OnProgress end before the next one.
	progress sync.Mutex
}

// NewCluster returns a Cluster that is reached as a config says.
func NewCluster(config *rest.Config) (*Cluster, error) {
	config = ReadOnly(config)
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	// The API server warns of deprecated versions, which is nothing to those who audit.
	config.WarningHandlerWithContext = rest.NoWarnings{}
	api, err := rest.UnversionedRESTClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	c := &Cluster{api: api}
	c.Snapshot.Live = true
	return c, nil
}

// readers is how many lists are read at a time. While one waits for the API server, another
// is decoded.
const readers = 3

// Read fills the snapshot. What the caller's rights don't allow, or what the API server
// can't list, is among the snapshot's Unread.
func (c *Cluster) Read(ctx context.Context) error {
	all := slices.Concat(evaluated[:], kinds[:], []kind{nodes})
	parts := make([]audit.Snapshot, len(all))
	group, limited := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	for i, k := range all {
		group.Go(func() error { return c.readKind(limited, k, &parts[i]) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	// The order of what was found doesn't depend on which list was read first.
	for i := range parts {
		c.Snapshot.Add(&parts[i])
	}
	if err := c.readUID(ctx); err != nil {
		return fmt.Errorf("reading Namespace %s: %w", metav1.NamespaceSystem, err)
	}
	return c.readConfigMaps(ctx)
}

// readKind adds the objects of a kind to a part of the snapshot.
func (c *Cluster) readKind(ctx context.Context, k kind, part *audit.Snapshot) error {
	var err error
	switch {
	case k.reading == byName:
		return nil
	case k.kind == nodes.kind:
		err = c.readNode(ctx, part)
	case k.kind == "Namespace" && c.Namespace != "":
		err = c.readOne(ctx, k, k.listPath("")+"/"+c.Namespace, part)
	default:
		err = c.readAll(ctx, k, c.Namespace, part)
	}
	if err := c.unlessRefused(ctx, k, err, part); err != nil {
		return fmt.Errorf("reading %s: %w", k, err)
	}
	return nil
}

// readAll adds all objects of a kind, in one Namespace if that isn't empty.
func (c *Cluster) readAll(ctx context.Context, k kind, namespace string, part *audit.Snapshot) error {
	var read int64
	accept := wholeObjects
	if k.reading == listedMetadata {
		accept = metadataOnly
	}
	all := pages{api: c.api, path: k.listPath(namespace), accept: accept, size: pageSize, onPage: func(total int64) { c.report(k, read, total) }}
	return all.each(ctx, func(text []byte) error {
		read++
		return c.add(k, text, part)
	})
}

func (c *Cluster) report(k kind, read, total int64) {
	if c.OnProgress != nil {
		c.progress.Lock()
		defer c.progress.Unlock()
		c.OnProgress(k.String(), read, total)
	}
}

// add adds an object to a part of the snapshot, and notes whether it is left out of the audit.
func (c *Cluster) add(k kind, text []byte, part *audit.Snapshot) error {
	i := item{json: text}
	if c.Selector != nil && k.reading == listed {
		o, err := decode[metav1.PartialObjectMetadata](i)
		if err != nil {
			return err
		}
		if !c.Selector.Matches(labels.Set(o.Labels)) {
			part.LeaveOut(audit.Object{APIVersion: k.apiVersion, Kind: k.kind, Namespace: o.Namespace, Name: o.Name})
		}
	}
	return k.add(part, i)
}

// readOne adds the object at a path.
func (c *Cluster) readOne(ctx context.Context, k kind, path string, part *audit.Snapshot) error {
	text, err := c.api.Get().AbsPath(path).SetHeader("Accept", wholeObjects).DoRaw(ctx)
	if err != nil {
		return err
	}
	return c.add(k, text, part)
}

// readUID reads what identifies the cluster. Those who may not read it do without.
func (c *Cluster) readUID(ctx context.Context) error {
	text, err := c.api.Get().AbsPath("/api/v1/namespaces/"+metav1.NamespaceSystem).SetHeader("Accept", wholeObjects).DoRaw(ctx)
	if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	ns, err := decode[metav1.PartialObjectMetadata](item{json: text})
	if err != nil {
		return err
	}
	c.UID = string(ns.UID)
	return nil
}

// nodes are read for the cloud that they run in.
var nodes = kind{apiVersion: "v1", kind: "Node", resource: "nodes", reading: listedInCluster}

// errEnough ends a list.
var errEnough = errors.New("nothing more of the list is needed")

// readNode finds out the cloud from one of the Nodes.
func (c *Cluster) readNode(ctx context.Context, part *audit.Snapshot) error {
	one := pages{api: c.api, path: nodes.listPath(""), accept: wholeObjects, size: 1, onPage: func(int64) {}}
	err := one.each(ctx, func(text []byte) error {
		node, err := decode[struct {
			Spec struct {
				ProviderID string `json:"providerID"`
			} `json:"spec"`
		}](item{json: text})
		if err != nil {
			return err
		}
		part.CloudProvider, _, _ = strings.Cut(cmp.Or(node.Spec.ProviderID, audit.NoCloudProvider), "://")
		return errEnough
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// unlessRefused notes that the API server didn't answer with a list. A kind that isn't
// served has no objects. Any other error is returned.
func (c *Cluster) unlessRefused(ctx context.Context, k kind, err error, part *audit.Snapshot) error {
	var refusal apierrors.APIStatus
	switch {
	case err == nil, apierrors.IsNotFound(err):
		return nil
	case apierrors.IsUnauthorized(err), !errors.As(err, &refusal), ctx.Err() != nil:
		return err
	}
	reason := "the API server answered: " + err.Error()
	if apierrors.IsForbidden(err) {
		if !c.serves(ctx, k) {
			return nil
		}
		reason = "your account's rights don't allow reading them"
	}
	part.Unread = append(part.Unread, audit.Unread{Resource: k.String(), Reason: reason})
	return nil
}

// serves reports whether the API server serves a kind, as far as that can be found out. It
// looks at rights before it looks for the kind.
func (c *Cluster) serves(ctx context.Context, k kind) bool {
	text, err := c.api.Get().AbsPath(k.versionPath()).SetHeader("Accept", wholeObjects).DoRaw(ctx)
	if err != nil {
		return !apierrors.IsNotFound(err)
	}
	found, err := decode[metav1.APIResourceList](item{json: text})
	if err != nil {
		return true
	}
	for _, each := range found.APIResources {
		if each.Name == k.resource {
			return true
		}
	}
	return false
}
