package webhook

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/holdfast-dev/holdfast/policy"
)

// decisionLog writes the lines about decisions. A line takes a sixth of the time of an
// admission, so each decision has a handler with its attributes already encoded: further
// lines with the same decision differ only in the object.
type decisionLog struct {
	handler slog.Handler
	// handlers are those of the decisions that were logged under one policy. A map isn't
	// changed once it is here.
	handlers atomic.Pointer[map[decision]slog.Handler]
}

// write writes one line for a decision. Whether the write then succeeds is the API
// server's matter, so the line says what the answer was.
func (l *decisionLog) write(r *review, d decision, result policy.Result) {
	ctx, level := context.Background(), d.outcome.level()
	if !l.handler.Enabled(ctx, level) {
		return
	}
	attributes := make([]slog.Attr, 0, maxObjectAttributes)
	attributes = append(attributes,
		slog.String("namespace", r.namespace), slog.String("name", r.objectName()), slog.String("uid", r.uid),
		slog.String("operation", r.operation))
	if changes := result.AppliedChanges(); len(changes) > 0 {
		attributes = append(attributes, slog.GroupAttrs("changes", changeAttributes(changes)...))
	}
	if r.dryRun {
		attributes = append(attributes, slog.Bool("dryRun", true))
	}
	if rules := rulesOf(result); rules != "" {
		attributes = append(attributes, slog.String("findings", rules))
	}
	if result.Refused() {
		attributes = append(attributes, slog.String("refusal", refusalMessage(result)))
	}
	// Without a position in the source, which no line has and which takes time to find.
	record := slog.NewRecord(time.Now(), level, "decision", 0)
	record.AddAttrs(attributes...)
	// Like slog.Logger: there is nowhere to report that a line can't be written.
	_ = l.handlerOf(d).Handle(ctx, record)
}

// maxObjectAttributes is how many attributes write adds at most.
const maxObjectAttributes = 8

// handlerOf returns the handler of a decision. If two calls add one at the same time, only
// one is kept, and the other is made again when it is needed.
func (l *decisionLog) handlerOf(d decision) slog.Handler {
	known := l.handlers.Load()
	if known != nil {
		if handler, found := (*known)[d]; found {
			return handler
		}
	}
	handlers := map[decision]slog.Handler{d: l.handler.WithAttrs(d.attributes())}
	if known != nil {
		for other, handler := range *known {
			if other.digest == d.digest {
				handlers[other] = handler
			}
		}
	}
	l.handlers.Store(&handlers)
	return handlers[d]
}

// attributes returns the decision as the log has it.
func (d decision) attributes() []slog.Attr {
	attributes := []slog.Attr{
		slog.String("mode", string(d.mode)), slog.String("outcome", string(d.outcome)), slog.String("policy", d.digest),
	}
	if d.dialect != "" {
		attributes = append(attributes, slog.String("dialect", d.dialect))
	}
	return attributes
}

// changeAttributes returns the changes of a decision as the log has them: the new value
// of each key, null if it is removed. The record, which repeats them, isn't logged.
func changeAttributes(changes []policy.Change) []slog.Attr {
	attributes := make([]slog.Attr, 0, len(changes))
	for _, c := range changes {
		switch {
		case c.IsRecord():
		case c.To == nil:
			attributes = append(attributes, slog.Any(c.Target.Key(), nil))
		default:
			attributes = append(attributes, slog.String(c.Target.Key(), cut(*c.To)))
		}
	}
	return attributes
}
