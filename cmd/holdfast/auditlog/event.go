package auditlog

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// event is what is read of an audit.k8s.io/v1 Event.
type event struct {
	APIVersion               string            `json:"apiVersion"`
	Kind                     string            `json:"kind"`
	AuditID                  string            `json:"auditID"`
	Stage                    string            `json:"stage"`
	RequestURI               string            `json:"requestURI"`
	Verb                     string            `json:"verb"`
	User                     user              `json:"user"`
	ImpersonatedUser         *user             `json:"impersonatedUser"`
	ObjectRef                reference         `json:"objectRef"`
	ResponseStatus           status            `json:"responseStatus"`
	RequestObject            jsontext.Value    `json:"requestObject"`
	ResponseObject           jsontext.Value    `json:"responseObject"`
	RequestReceivedTimestamp string            `json:"requestReceivedTimestamp"`
	StageTimestamp           time.Time         `json:"stageTimestamp"`
	Annotations              map[string]string `json:"annotations"`
}

type user struct {
	Username string `json:"username"`
}

type reference struct {
	Resource  string `json:"resource"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

type status struct {
	Code int `json:"code"`
}

// object is the metadata of a request's or a response's object.
type object struct {
	Metadata struct {
		Name         string `json:"name"`
		GenerateName string `json:"generateName"`
	} `json:"metadata"`
}

// decode parses a line of the log; false if it is no audit.k8s.io/v1 Event. The API server
// writes strings of clients as they are, so that one that isn't UTF-8 is no fault of the line.
func decode(line []byte) (e *event, isEvent bool) {
	e = new(event)
	err := json.Unmarshal(line, e, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return e, err == nil && e.APIVersion == "audit.k8s.io/v1" && e.Kind == "Event" && !e.StageTimestamp.IsZero()
}

// exclusion is a reason for which an event doesn't count.
type exclusion struct {
	reason  string
	applies func(*event) bool
}

// exclusions are the reasons for which an event with a decision of Holdfast's doesn't count,
// in this order.
var exclusions = []exclusion{
	{OtherStage, func(e *event) bool { return e.Stage != "ResponseComplete" }},
	{DryRun, (*event).isDryRun},
	{Failed, func(e *event) bool { return e.ResponseStatus.Code < 200 || e.ResponseStatus.Code > 299 }},
}

// The reasons for which an event doesn't count.
const (
	// OtherStage is an event that the API server wrote before a request was answered. It
	// writes another one then.
	OtherStage = "otherStage"
	DryRun     = "dryRun"
	// Failed is a write that the API server, or another webhook, refused afterwards.
	Failed = "failed"
	// Repeated is an event that was read before, as in two copies of a log.
	Repeated = "repeated"
)

// excluded returns the reason for which the event doesn't count; empty if it does.
func (e *event) excluded() string {
	for _, x := range exclusions {
		if x.applies(e) {
			return x.reason
		}
	}
	return ""
}

func (e *event) isDryRun() bool {
	_, query, _ := strings.Cut(e.RequestURI, "?")
	values, _ := url.ParseQuery(query)
	return slices.Contains(values["dryRun"], "All")
}

// writer returns whose write it was, and who impersonated them; the latter is empty for
// nobody.
func (e *event) writer() (name, impersonatedBy string) {
	if e.ImpersonatedUser == nil {
		return e.User.Username, ""
	}
	return e.ImpersonatedUser.Username, e.User.Username
}

// named returns the object that was written.
func (e *event) named() Object {
	o := Object{Kind: kindOf(e.ObjectRef.Resource), Namespace: e.ObjectRef.Namespace, Name: e.ObjectRef.Name}
	if o.Name != "" {
		return o
	}
	// A generated name is known only behind the webhooks, so that the request lacks it.
	o.Name = metadataOf(e.ResponseObject).Metadata.Name
	if o.Name == "" {
		o.GenerateName = metadataOf(e.RequestObject).Metadata.GenerateName
	}
	return o
}

// metadataOf returns the metadata of an object; nothing if the log doesn't have it.
func metadataOf(text jsontext.Value) (o object) {
	if len(text) > 0 {
		_ = json.Unmarshal(text, &o, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	}
	return o
}

// kinds are the kinds of the resources that Holdfast's webhooks are registered for.
var kinds = map[string]string{"ingresses": "Ingress", "services": "Service"}

func kindOf(resource string) string {
	if kind, known := kinds[resource]; known {
		return kind
	}
	return resource
}
