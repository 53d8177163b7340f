// Package control runs the control plane: etcd, kube-apiserver,
// kube-controller-manager and cert-manager, as supervised processes.
package control
