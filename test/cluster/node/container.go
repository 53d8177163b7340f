package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A container that ends is started again after a pause that doubles. The
// kubelet begins at ten seconds; too long for a test.
const (
	firstBackoff = time.Second
	maxBackoff   = 20 * time.Second
	healthyAfter = time.Minute
)

// searchPath is where programs are looked for that are named without a path.
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/"

// container is one container of a pod.
type container struct {
	spec *corev1.Container
	pod  *pod

	mu      sync.Mutex
	command *exec.Cmd // while it runs
	state   corev1.ContainerState
	last    corev1.ContainerState
	image   string
	runs    int32
	started bool // the startup probe has succeeded
	ready   bool
}

func newContainer(p *pod, spec *corev1.Container) *container {
	c := &container{spec: spec, pod: p}
	c.state.Waiting = &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
	return c
}

// run keeps the container running until it has done its work or the pod is
// being deleted, which is when ctx ends.
func (c *container) run(ctx context.Context) {
	backoff := firstBackoff
	for ctx.Err() == nil {
		begun := time.Now()
		code, err := c.once(ctx)
		if err == nil && !c.again(code) {
			return
		}
		if time.Since(begun) > healthyAfter {
			backoff = firstBackoff
		}
		if err == nil {
			err = fmt.Errorf("back-off %s restarting container %s", backoff, c.spec.Name)
		}
		if ctx.Err() != nil {
			return
		}
		c.setWaiting(err)
		sleep(ctx, backoff)
		backoff = min(2*backoff, maxBackoff)
	}
}

// again reports whether the pod's restart policy asks for another run.
func (c *container) again(code int) bool {
	switch c.pod.spec.Spec.RestartPolicy {
	case corev1.RestartPolicyNever:
		return false
	case corev1.RestartPolicyOnFailure:
		return code != 0
	default:
		return true
	}
}

// once runs the container's program from start to end.
func (c *container) once(ctx context.Context) (code int, err error) {
	command, err := c.start()
	if err != nil {
		return 0, err
	}
	exited := make(chan struct{})
	go func() {
		_ = command.Wait() // how it ended is in its state
		close(exited)
	}()
	c.setRunning(command)
	c.attend(ctx, exited)
	c.setTerminated(command.ProcessState)
	return exitCode(command.ProcessState), nil
}

// attend watches over a running program until it has ended.
func (c *container) attend(ctx context.Context, exited <-chan struct{}) {
	running, ended := context.WithCancel(context.Background())
	defer ended()
	unhealthy := make(chan time.Duration, 1)
	go c.probe(running, ctx, unhealthy)
	select {
	case <-exited:
	case <-ctx.Done():
		c.terminate(exited, c.pod.killed())
	case grace := <-unhealthy:
		c.terminate(exited, time.After(grace))
	}
}

// terminate ends the program as the kubelet does: preStop, SIGTERM, and
// SIGKILL when the time is over, however much of it preStop took.
func (c *container) terminate(exited <-chan struct{}, deadline <-chan time.Time) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		select {
		case <-deadline:
		case <-exited:
		}
	}()
	c.preStop(over)
	c.signal(syscall.SIGTERM)
	select {
	case <-exited:
	case <-over:
		c.signal(syscall.SIGKILL)
		<-exited
	}
}

func (c *container) preStop(over <-chan struct{}) {
	if c.spec.Lifecycle == nil || c.spec.Lifecycle.PreStop == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-over:
			cancel()
		case <-ctx.Done():
		}
	}()
	hook := c.spec.Lifecycle.PreStop
	var err error
	switch {
	case hook.Sleep != nil:
		sleep(ctx, time.Duration(hook.Sleep.Seconds)*time.Second)
	case hook.HTTPGet != nil:
		err = c.prober().get(ctx, hook.HTTPGet)
	default:
		err = errors.New("this node knows only the preStop hooks sleep and httpGet")
	}
	if err != nil {
		c.pod.warn("FailedPreStopHook", err)
	}
}

// signal sends a signal to the program; it may have gone.
func (c *container) signal(s syscall.Signal) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.command != nil && c.command.Process.Signal(s) == nil
}

func (c *container) prober() prober {
	return prober{address: c.pod.sandbox.Address().String(), container: c.spec}
}

// probe runs the container's probes: startup first, then readiness until the
// program ends, and liveness until the pod is being deleted.
func (c *container) probe(running, wanted context.Context, unhealthy chan<- time.Duration) {
	alive, cancel := context.WithCancel(running)
	defer cancel()
	defer context.AfterFunc(wanted, cancel)()
	if !c.awaitStartup(alive, unhealthy) {
		return
	}
	c.update(func() {
		c.started = c.command != nil
		c.ready = c.started && c.spec.ReadinessProbe == nil
	})
	if probe := c.spec.LivenessProbe; probe != nil {
		go c.prober().watch(alive, probe, func(good bool, reason error) {
			if !good {
				c.fail("Liveness", probe, reason, unhealthy)
			}
		})
	}
	if probe := c.spec.ReadinessProbe; probe != nil {
		go c.prober().watch(running, probe, func(good bool, reason error) {
			// An answer may come in just after the end.
			c.update(func() { c.ready = good && c.command != nil })
			if !good {
				c.pod.warn("Unhealthy", fmt.Errorf("readiness probe failed: %w", reason))
			}
		})
	}
	<-running.Done()
}

// awaitStartup returns true when the container has started up.
func (c *container) awaitStartup(ctx context.Context, unhealthy chan<- time.Duration) bool {
	probe := c.spec.StartupProbe
	if probe == nil {
		return true
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	started := false
	c.prober().watch(ctx, probe, func(good bool, reason error) {
		started = good
		if !good {
			c.fail("Startup", probe, reason, unhealthy)
		}
		cancel()
	})
	return started
}

func (c *container) fail(kind string, probe *corev1.Probe, reason error, unhealthy chan<- time.Duration) {
	c.pod.warn("Unhealthy", fmt.Errorf("%s probe failed, the container is restarted: %w", strings.ToLower(kind), reason))
	grace := c.pod.spec.Spec.TerminationGracePeriodSeconds
	if probe.TerminationGracePeriodSeconds != nil {
		grace = probe.TerminationGracePeriodSeconds
	}
	select {
	case unhealthy <- time.Duration(*grace) * time.Second:
	default: // it is being restarted
	}
}

// start starts the program with everything that the container asks for.
func (c *container) start() (*exec.Cmd, error) {
	layers, err := c.pod.node.layers(c.spec.Image)
	if err != nil {
		return nil, err
	}
	process, err := c.process(layers[len(layers)-1])
	if err != nil {
		return nil, err
	}
	if err := buildRoot(process.Root, layers, c.pod.spec.Name, c.pod.sandbox.Address()); err != nil {
		return nil, fmt.Errorf("building the root: %w", err)
	}
	log, err := os.OpenFile(c.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	return c.pod.sandbox.Start(process, c.spec.Ports, log)
}

func (c *container) logFile() string {
	return c.pod.node.logFile(c.pod.spec.Namespace, c.pod.spec.Name, c.spec.Name)
}

func (c *container) process(program string) (Process, error) {
	variables, err := c.variables()
	if err != nil {
		return Process{}, err
	}
	mounts, err := c.mounts()
	if err != nil {
		return Process{}, err
	}
	p := Process{
		Root:     c.pod.sandbox.Root(c.spec.Name),
		Hostname: c.pod.spec.Name,
		Mounts:   mounts,
		Args:     arguments(c.spec, program, variables),
		Env:      assignments(variables),
		Dir:      c.spec.WorkingDir,
	}
	secure(&p, c.pod.spec.Spec.SecurityContext, c.spec.SecurityContext)
	return p, nil
}

// arguments are command and args; the image's entrypoint is its program, the last of its
// layers.
func arguments(spec *corev1.Container, program string, variables map[string]string) []string {
	words := slices.Concat(spec.Command, spec.Args)
	for i := range words {
		words[i] = expand(words[i], variables)
	}
	if len(spec.Command) == 0 {
		words = append([]string{"/" + filepath.Base(program)}, words...)
	}
	return words
}

func (c *container) variables() (map[string]string, error) {
	base := map[string]string{
		"PATH":     searchPath,
		"HOSTNAME": c.pod.spec.Name,
	}
	maps.Copy(base, c.pod.node.apiVariables())
	env := environment{pod: c.pod.snapshot(), container: c.spec, objects: c.pod.node, whole: c.pod.node.capacity}
	return env.resolve(base)
}

func (c *container) mounts() ([]Mount, error) {
	var mounts []Mount
	for _, m := range c.spec.VolumeMounts {
		if m.SubPath != "" || m.SubPathExpr != "" {
			return nil, fmt.Errorf("volume %s at %s: this node knows no subPath", m.Name, m.MountPath)
		}
		mounts = append(mounts, Mount{Source: c.pod.volumes.folder(m.Name), Target: m.MountPath, ReadOnly: m.ReadOnly})
	}
	return mounts, nil
}

// secure takes over what both security contexts say, the container's first.
func secure(p *Process, pod *corev1.PodSecurityContext, own *corev1.SecurityContext) {
	if pod == nil {
		pod = &corev1.PodSecurityContext{}
	}
	if own == nil {
		own = &corev1.SecurityContext{}
	}
	p.User = first(own.RunAsUser, pod.RunAsUser)
	p.Group = first(own.RunAsGroup, pod.RunAsGroup)
	if pod.FSGroup != nil {
		p.Groups = append(p.Groups, int(*pod.FSGroup))
	}
	for _, group := range pod.SupplementalGroups {
		p.Groups = append(p.Groups, int(group))
	}
	p.ReadOnlyRoot = own.ReadOnlyRootFilesystem != nil && *own.ReadOnlyRootFilesystem
	p.NoNewPrivileges = own.AllowPrivilegeEscalation != nil && !*own.AllowPrivilegeEscalation
}

func first(ids ...*int64) int {
	for _, id := range ids {
		if id != nil {
			return int(*id)
		}
	}
	return 0
}

// update changes what is known of the container and reports the pod's status.
func (c *container) update(change func()) {
	c.mu.Lock()
	change()
	c.mu.Unlock()
	c.pod.report()
}

func (c *container) setRunning(command *exec.Cmd) {
	c.update(func() {
		c.command = command
		c.image = c.spec.Image
		c.runs++
		c.state = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Now()}}
	})
}

func (c *container) setTerminated(state *os.ProcessState) {
	c.update(func() {
		ended := &corev1.ContainerStateTerminated{
			ExitCode:   int32(exitCode(state)),
			Reason:     "Completed",
			StartedAt:  c.state.Running.StartedAt,
			FinishedAt: metav1.Now(),
		}
		if ended.ExitCode != 0 {
			ended.Reason = "Error"
		}
		c.command = nil
		c.started, c.ready = false, false
		c.state = corev1.ContainerState{Terminated: ended}
	})
}

// reasoned is an error with a reason for the container's status.
type reasoned struct {
	reason string
	error
}

func (r reasoned) Unwrap() error { return r.error }

// setWaiting keeps the end of the last run in sight.
func (c *container) setWaiting(why error) {
	c.update(func() {
		waiting := &corev1.ContainerStateWaiting{Reason: "CreateContainerError", Message: why.Error()}
		var known reasoned
		if errors.As(why, &known) {
			waiting.Reason = known.reason
		}
		if c.state.Terminated != nil {
			c.last = c.state
			waiting.Reason = "CrashLoopBackOff"
		}
		c.state = corev1.ContainerState{Waiting: waiting}
	})
}

// exitCode is the shell's way to say how a program ended.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}

func (c *container) status() corev1.ContainerStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	started := c.started
	return corev1.ContainerStatus{
		Name:                 c.spec.Name,
		Image:                c.spec.Image,
		ImageID:              c.image,
		State:                *c.state.DeepCopy(),
		LastTerminationState: *c.last.DeepCopy(),
		RestartCount:         max(c.runs-1, 0),
		Started:              &started,
		Ready:                c.ready,
	}
}
