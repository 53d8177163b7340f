package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/holdfast-dev/holdfast/test/e2e/oracle"
)

// namespaceServer is a Namespace as HTTP clients reach it.
type namespaceServer struct {
	client    *http.Client
	host      string
	namespace string
}

// resources are the paths of the kinds.
var resources = map[oracle.Kind]string{
	oracle.Ingress: "/apis/networking.k8s.io/v1/namespaces/%s/ingresses",
	oracle.Service: "/api/v1/namespaces/%s/services",
}

// Do makes a request.
func (s namespaceServer) Do(request oracle.Request) (oracle.Response, error) {
	url := s.host + fmt.Sprintf(resources[request.Kind], s.namespace)
	if request.Name != "" {
		url += "/" + request.Name
	}
	call, err := http.NewRequest(request.Method, url+"?"+request.Query.Encode(), bytes.NewReader(request.Body))
	if err != nil {
		return oracle.Response{}, err
	}
	call.Header.Set("Content-Type", request.ContentType)
	call.Header.Set("Accept", "application/json")
	answer, err := s.client.Do(call)
	if err != nil {
		return oracle.Response{}, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return oracle.Response{}, err
	}
	response := oracle.Response{Code: answer.StatusCode, Warnings: warnings(answer.Header)}
	if response.Code >= http.StatusBadRequest {
		readStatus(body, &response)
		return response, nil
	}
	response.Object = new(unstructured.Unstructured)
	return response, response.Object.UnmarshalJSON(body)
}

// readStatus reads why a request failed.
func readStatus(body []byte, into *oracle.Response) {
	var status meta.Status
	if json.Unmarshal(body, &status) != nil {
		into.Message = string(body)
		return
	}
	into.Reason, into.Message = string(status.Reason), status.Message
	if status.Details != nil {
		into.Causes = status.Details.Causes
	}
}

// warnings are the texts of the headers, which read: 299 - "text".
func warnings(header http.Header) []string {
	var all []string
	for _, warning := range header.Values("Warning") {
		_, quoted, _ := strings.Cut(warning, `"`)
		all = append(all, strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(strings.TrimSuffix(quoted, `"`)))
	}
	return all
}
