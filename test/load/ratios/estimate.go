package main

import (
	"fmt"
	"math"
	"slices"
)

// estimate is the median of several measurements, and the interval in which the median
// of all possible ones lies with a confidence of 95 %. Without an interval low and high
// are the median.
type estimate struct{ median, low, high float64 }

func exactly(value float64) estimate { return estimate{value, value, value} }

// forInterval is how many measurements an interval needs: of fewer, not even the smallest
// and the largest enclose the median with that confidence.
const forInterval = 6

// estimateOf returns the estimate of measurements, of which there is at least one. The
// interval is that of the sign test, which assumes no distribution.
func estimateOf(values []float64) estimate {
	e := exactly(median(values))
	count := float64(len(values))
	if len(values) < forInterval {
		return e
	}
	// How many values are below the true median has a binomial distribution, here as a normal
	// one with its correction for whole numbers.
	sorted := slices.Sorted(slices.Values(values))
	outside := int(count/2 - 1.96*math.Sqrt(count)/2 - 0.5)
	e.low, e.high = sorted[outside], sorted[len(sorted)-1-outside]
	return e
}

// String returns the estimate as benchstat writes it.
func (e estimate) String() string {
	text := fmt.Sprintf("%.2f", e.median)
	if e.low == e.high {
		return text
	}
	return text + fmt.Sprintf(" ±%.0f%%", 100*max(e.high-e.median, e.median-e.low)/e.median)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
