// Package node does the kubelet's part: it runs the pods of one Node as
// processes of this machine.
//
// github.com/virtual-kubelet/virtual-kubelet watches pods, reports their status
// and keeps the Node alive; this package is its provider. An image is a static
// program on this machine that takes the place of the image's entrypoint, over
// folders with files where it needs some. A pod
// gets an address and its containers get a root of their own with their
// volumes, as far as the machine lets us (see Runtime).
//
// There is no scheduler, as there is nothing to choose: a binder gives every
// pod to the one Node.
package node
