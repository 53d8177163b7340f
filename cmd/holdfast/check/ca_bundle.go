package check

import (
	"context"
	"strconv"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/holdfast-dev/holdfast/policy"
)

// caBundleTrusted verifies the certificate that cert-manager issued last as the API server
// does. It is in the CertificateRequest too, so the Secret with the private key isn't read.
func caBundleTrusted(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	registered, err := c.registration(ctx)
	if err != nil {
		return "", nil, err
	}
	issued, err := c.issuedCertificate(ctx)
	if err != nil {
		return "", nil, err
	}
	chain, err := certificates(issued.Status.Certificate)
	if err != nil {
		return "", nil, notChecked("CertificateRequest " + issued.Name + " has no certificate that can be read: " + err.Error())
	}
	for _, webhook := range registered.Webhooks {
		if err := verify(chain, webhook.ClientConfig.CABundle, serviceName+"."+issued.Namespace+".svc"); err != nil {
			faults = append(faults, untrusted(webhook.Name, err))
		}
	}
	return "caBundle verifies the certificate of CertificateRequest " + issued.Name, faults, nil
}

// issuedCertificate returns the request whose certificate was issued last.
func (c *Cluster) issuedCertificate(ctx context.Context) (*certmanager.CertificateRequest, error) {
	home, err := c.home(ctx)
	if err != nil {
		return nil, err
	}
	var all certmanager.CertificateRequestList
	if err := c.objects.List(ctx, &all, client.InNamespace(home)); err != nil {
		return nil, err
	}
	var last *certmanager.CertificateRequest
	for i := range all.Items {
		each := &all.Items[i]
		isOurs := each.Annotations[certmanager.CertificateNameKey] == certificateName && len(each.Status.Certificate) > 0
		if isOurs && (last == nil || revision(each) > revision(last)) {
			last = each
		}
	}
	if last == nil {
		return nil, notChecked("there is no CertificateRequest with the certificate")
	}
	return last, nil
}

func revision(r *certmanager.CertificateRequest) int {
	n, err := strconv.Atoi(r.Annotations[certmanager.CertificateRequestRevisionAnnotationKey])
	if err != nil {
		return 0
	}
	return n
}

// untrusted returns the fault of a webhook whose caBundle doesn't verify the certificate.
func untrusted(webhook string, why error) Fault {
	return fault(policy.RuleUntrustedCertificate, "mutatingwebhookconfiguration/"+registrationName, "webhook "+webhook+": "+why.Error(),
		"see whether cert-manager's CA injector runs, and whether the issuer fills ca.crt in Secret "+secretName)
}
