package check

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"time"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/holdfast-dev/holdfast/policy"
)

// expiresSoon is how long before its end a certificate isn't being renewed:
// cert-manager renews the chart's 30 days before.
const expiresSoon = 7 * 24 * time.Hour

// certificate returns the serving Certificate.
func (c *Cluster) certificate(ctx context.Context) (*certmanager.Certificate, error) {
	found := new(certmanager.Certificate)
	return found, c.get(ctx, certificateName, found)
}

func certificateIssued(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	found, err := c.certificate(ctx)
	object := "certificate/" + certificateName
	if apierrors.IsNotFound(err) {
		return one(policy.RuleCertificateNotReady, object, "the chart's Certificate doesn't exist", "upgrade the release with helm, which creates it again")
	}
	if err != nil {
		return "", nil, err
	}
	why := "cert-manager hasn't looked at it yet"
	for _, condition := range found.Status.Conditions {
		if condition.Type != certmanager.CertificateConditionReady {
			continue
		}
		if condition.Status == cmmeta.ConditionTrue {
			return "Certificate " + certificateName + " is Ready", nil, nil
		}
		why = condition.Message
	}
	return one(policy.RuleCertificateNotReady, object, "not Ready: "+why,
		fmt.Sprintf("see kubectl describe certificate %s -n %s", certificateName, found.Namespace))
}

// certificateTrusted verifies the certificate in the Secret as the API server does.
func certificateTrusted(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	registered, err := c.registration(ctx)
	if err != nil {
		return "", nil, err
	}
	var secret corev1.Secret
	err = c.get(ctx, secretName, &secret)
	if apierrors.IsNotFound(err) {
		return one(policy.RuleUntrustedCertificate, "secret/"+secretName, "doesn't exist, so no pod has a certificate",
			"see why the Certificate "+certificateName+" isn't issued")
	}
	if err != nil {
		return "", nil, err
	}
	leaf, err := firstCertificate(secret.Data[corev1.TLSCertKey])
	if err != nil {
		return one(policy.RuleUntrustedCertificate, "secret/"+secretName, fmt.Sprintf("tls.crt isn't a certificate: %v", err),
			"delete the Secret; cert-manager issues it again")
	}
	for _, webhook := range registered.Webhooks {
		if err := verify(leaf, webhook.ClientConfig.CABundle, serviceName+"."+secret.Namespace+".svc"); err != nil {
			faults = append(faults, fault(policy.RuleUntrustedCertificate, "mutatingwebhookconfiguration/"+registrationName,
				fmt.Sprintf("webhook %s: %v", webhook.Name, err),
				"see whether cert-manager's CA injector runs, and whether the issuer fills ca.crt in Secret "+secretName))
		}
	}
	return "caBundle verifies the certificate in Secret " + secretName, faults, nil
}

func firstCertificate(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, notChecked("it has no PEM block")
	}
	return x509.ParseCertificate(block.Bytes)
}

// verify returns why a bundle doesn't verify a certificate. Its expiry is another
// check's.
func verify(leaf *x509.Certificate, bundle []byte, host string) error {
	if len(bundle) == 0 {
		return notChecked("caBundle is empty")
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(bundle) {
		return notChecked("caBundle has no certificate in PEM")
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host, CurrentTime: leaf.NotBefore.Add(time.Second)})
	if err != nil {
		return fmt.Errorf("caBundle doesn't verify the certificate in Secret %s: %w", secretName, err)
	}
	return nil
}

func certificateExpiry(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	found, err := c.certificate(ctx)
	if err != nil {
		return "", nil, err
	}
	if found.Status.NotAfter == nil {
		return "", nil, notChecked("no certificate has been issued yet")
	}
	left := time.Until(found.Status.NotAfter.Time)
	remedy := fmt.Sprintf("see kubectl describe certificate %s -n %s", certificateName, found.Namespace)
	switch {
	case left < 0:
		return one(policy.RuleCertificateExpires, "certificate/"+certificateName, "expired on "+found.Status.NotAfter.Format(time.DateOnly), remedy)
	case left < expiresSoon:
		return one(policy.RuleCertificateExpires, "certificate/"+certificateName,
			fmt.Sprintf("expires on %s, in %s, and wasn't renewed", found.Status.NotAfter.Format(time.DateOnly), days(left)), remedy)
	default:
		return days(left) + " left", nil, nil
	}
}

// days returns a duration in days.
func days(d time.Duration) string {
	n := int(d / (24 * time.Hour))
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
