package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	authv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// volumes are the volumes of one pod, each a folder below dir.
type volumes struct {
	pod     *corev1.Pod
	dir     string
	objects objects
	client  kubernetes.Interface
	// owned says that the node may give files to other users.
	owned bool

	tokens map[string]token // by audience
}

type token struct {
	value string
	renew time.Time
}

func (v *volumes) folder(name string) string { return filepath.Join(v.dir, name) }

// write brings every volume up to date.
func (v *volumes) write(ctx context.Context) error {
	for i := range v.pod.Spec.Volumes {
		volume := &v.pod.Spec.Volumes[i]
		if err := v.writeOne(ctx, volume); err != nil {
			return fmt.Errorf("writing volume %s: %w", volume.Name, err)
		}
	}
	return nil
}

func (v *volumes) writeOne(ctx context.Context, volume *corev1.Volume) error {
	folder := v.folder(volume.Name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if volume.EmptyDir != nil {
		return v.open(folder)
	}
	want, err := v.payload(ctx, volume)
	if err != nil {
		return err
	}
	_, err = writeAtomic(folder, want, v.group())
	return err
}

// open lets the pod's user write to an emptyDir.
func (v *volumes) open(folder string) error {
	if v.group() >= 0 {
		if err := os.Lchown(folder, -1, v.group()); err != nil {
			return err
		}
	}
	return os.Chmod(folder, fs.ModeSetgid|0o777)
}

// group is the pod's fsGroup, -1 where there is none or it can't be given.
func (v *volumes) group() int {
	security := v.pod.Spec.SecurityContext
	if !v.owned || security == nil || security.FSGroup == nil {
		return -1
	}
	return int(*security.FSGroup)
}

func (v *volumes) payload(ctx context.Context, volume *corev1.Volume) (payload, error) {
	switch {
	case volume.ConfigMap != nil:
		s := volume.ConfigMap
		return v.configMap(s.Name, s.Items, s.Optional, mode(s.DefaultMode))
	case volume.Secret != nil:
		s := volume.Secret
		return v.secret(s.SecretName, s.Items, s.Optional, mode(s.DefaultMode))
	case volume.DownwardAPI != nil:
		return v.downward(volume.DownwardAPI.Items, mode(volume.DownwardAPI.DefaultMode))
	case volume.Projected != nil:
		return v.projected(ctx, volume.Projected)
	}
	return nil, errors.New("this node has only configMap, secret, projected, downwardAPI and emptyDir volumes")
}

func mode(m *int32) fs.FileMode {
	if m == nil {
		return 0o644
	}
	return fs.FileMode(*m)
}

func (v *volumes) projected(ctx context.Context, p *corev1.ProjectedVolumeSource) (payload, error) {
	all := payload{}
	for _, source := range p.Sources {
		part, err := v.projection(ctx, source, mode(p.DefaultMode))
		if err != nil {
			return nil, err
		}
		for name, f := range part {
			all[name] = f
		}
	}
	return all, nil
}

func (v *volumes) projection(ctx context.Context, source corev1.VolumeProjection, mode fs.FileMode) (payload, error) {
	switch {
	case source.ConfigMap != nil:
		return v.configMap(source.ConfigMap.Name, source.ConfigMap.Items, source.ConfigMap.Optional, mode)
	case source.Secret != nil:
		return v.secret(source.Secret.Name, source.Secret.Items, source.Secret.Optional, mode)
	case source.DownwardAPI != nil:
		return v.downward(source.DownwardAPI.Items, mode)
	case source.ServiceAccountToken != nil:
		return v.token(ctx, source.ServiceAccountToken, mode)
	}
	return nil, errors.New("this node projects only configMap, secret, downwardAPI and serviceAccountToken")
}

func (v *volumes) configMap(name string, items []corev1.KeyToPath, mayLack *bool, mode fs.FileMode) (payload, error) {
	object, err := v.objects.ConfigMap(v.pod.Namespace, name)
	if err != nil {
		return nil, optional(err, mayLack)
	}
	data := map[string][]byte{}
	for key, value := range object.Data {
		data[key] = []byte(value)
	}
	for key, value := range object.BinaryData {
		data[key] = value
	}
	return pick("ConfigMap "+name, data, items, mayLack, mode)
}

func (v *volumes) secret(name string, items []corev1.KeyToPath, mayLack *bool, mode fs.FileMode) (payload, error) {
	object, err := v.objects.Secret(v.pod.Namespace, name)
	if err != nil {
		return nil, optional(err, mayLack)
	}
	return pick("Secret "+name, object.Data, items, mayLack, mode)
}

// pick takes all keys, or those that are listed.
func pick(object string, data map[string][]byte, items []corev1.KeyToPath, mayLack *bool, mode fs.FileMode) (payload, error) {
	files := payload{}
	if len(items) == 0 {
		for key, value := range data {
			files[key] = file{content: value, mode: mode}
		}
		return files, nil
	}
	for _, item := range items {
		value, ok := data[item.Key]
		if !ok && mayLack != nil && *mayLack {
			continue
		}
		if !ok {
			return nil, fmt.Errorf("%s has no key %q", object, item.Key)
		}
		files[item.Path] = file{content: value, mode: itemMode(item.Mode, mode)}
	}
	return files, nil
}

func itemMode(own *int32, volume fs.FileMode) fs.FileMode {
	if own == nil {
		return volume
	}
	return fs.FileMode(*own)
}

func (v *volumes) downward(items []corev1.DownwardAPIVolumeFile, mode fs.FileMode) (payload, error) {
	files := payload{}
	for _, item := range items {
		if item.FieldRef == nil {
			return nil, fmt.Errorf("file %s: this node writes only fieldRefs to volumes", item.Path)
		}
		value, err := field(v.pod, item.FieldRef.FieldPath)
		if err != nil {
			return nil, err
		}
		files[item.Path] = file{content: []byte(value), mode: itemMode(item.Mode, mode)}
	}
	return files, nil
}

// token asks for a token that is bound to the pod, and for a new one when four
// fifths of its time are over.
func (v *volumes) token(ctx context.Context, s *corev1.ServiceAccountTokenProjection, mode fs.FileMode) (payload, error) {
	known := v.tokens[s.Audience]
	if time.Now().After(known.renew) {
		fresh, err := v.requestToken(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("asking for a token of service account %s: %w", v.pod.Spec.ServiceAccountName, err)
		}
		v.tokens[s.Audience] = fresh
		known = fresh
	}
	return payload{s.Path: file{content: []byte(known.value), mode: mode}}, nil
}

func (v *volumes) requestToken(ctx context.Context, s *corev1.ServiceAccountTokenProjection) (token, error) {
	request := &authv1.TokenRequest{Spec: authv1.TokenRequestSpec{
		ExpirationSeconds: s.ExpirationSeconds,
		BoundObjectRef:    &authv1.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: v.pod.Name, UID: v.pod.UID},
	}}
	if s.Audience != "" {
		request.Spec.Audiences = []string{s.Audience}
	}
	accounts := v.client.CoreV1().ServiceAccounts(v.pod.Namespace)
	answer, err := accounts.CreateToken(ctx, v.pod.Spec.ServiceAccountName, request, metav1.CreateOptions{})
	if err != nil {
		return token{}, err
	}
	lifetime := time.Until(answer.Status.ExpirationTimestamp.Time)
	return token{value: answer.Status.Token, renew: time.Now().Add(lifetime * 4 / 5)}, nil
}
