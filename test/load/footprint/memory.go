package main

import (
	"context"
	"errors"
	"log"

	core "k8s.io/api/core/v1"
)

// The limits of memory, in MiB: of a pod on an empty cluster and on full ones. The
// peak's is the chart's memory limit. The process's own pages are what Holdfast decides
// about; resident are those of the program's file too, which grow with its commands.
const (
	maxOwn          = 10
	maxAtRest       = 48
	maxOwnFewSticky = maxOwn + 6
	maxFewSticky    = maxAtRest + 6
	maxAllSticky    = 64
)

// memory goes from an empty cluster to a full one, and to heavy load.
func (s *site) memory(ctx context.Context) ([]figure, error) {
	log.Print("at rest")
	idle, err := s.usageAtRest(ctx)
	if err != nil {
		return nil, err
	}
	worked, err := s.usageAfterWork(ctx)
	if err != nil {
		return nil, err
	}
	full, err := s.onFullCluster(ctx)
	if err != nil {
		return nil, err
	}
	load, err := s.underLoad(ctx)
	if err != nil {
		return nil, err
	}
	return append(append([]figure{
		{"at rest, resident", idle.resident, mebibytes, maxAtRest},
		{"… of that the process's own", idle.anonymous, mebibytes, maxOwn},
		{"… of that pages of the program's file", idle.file, mebibytes, 0},
		{"… peak until then", idle.peak, mebibytes, 0},
		{"at rest after work, resident", worked.resident, mebibytes, maxAtRest},
		{"… of that the process's own", worked.anonymous, mebibytes, maxOwn},
	}, full...), load...), nil
}

// onFullCluster fills the cluster, and then makes all Services sticky.
func (s *site) onFullCluster(ctx context.Context) ([]figure, error) {
	log.Printf("%d Ingresses and %d Services", objects, objects)
	if err := s.fill(ctx); err != nil {
		return nil, err
	}
	written, err := s.usageAtRest(ctx)
	if err != nil {
		return nil, err
	}
	few, err := s.renewed(ctx)
	if err != nil {
		return nil, err
	}
	log.Print("all Services sticky")
	if err := s.stickAll(ctx); err != nil {
		return nil, err
	}
	all, err := s.renewed(ctx)
	if err != nil {
		return nil, err
	}
	each := (all.anonymous - few.anonymous) * (1 << 20) / (objects - objects/stickyEvery)
	return []figure{
		{"on a full cluster, a tenth of its Services sticky, resident", few.resident, mebibytes, maxFewSticky},
		{"… of that the process's own", few.anonymous, mebibytes, maxOwnFewSticky},
		{"… a pod that was called for half of the objects", written.resident, mebibytes, maxFewSticky},
		{"… all Services sticky, resident", all.resident, mebibytes, maxAllSticky},
		{"… of that the process's own", all.anonymous, mebibytes, 0},
		{"… peak until then", all.peak, mebibytes, 0},
		{"… a sticky Service more", each, bytesEach, 0},
	}, nil
}

// renewed is a new pod at rest after work.
func (s *site) renewed(ctx context.Context) (usage, error) {
	if err := s.renew(ctx); err != nil {
		return usage{}, err
	}
	return s.usageAfterWork(ctx)
}

// memoryLimit is the pod's, in MiB.
func memoryLimit(pod core.Pod) (float64, error) {
	limit, ok := pod.Spec.Containers[0].Resources.Limits[core.ResourceMemory]
	if !ok {
		return 0, errors.New("the chart sets no memory limit")
	}
	return float64(limit.Value()) / (1 << 20), nil
}
