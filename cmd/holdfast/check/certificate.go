package check

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/holdfast-dev/holdfast/policy"
)

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
	chain, err := certificates(secret.Data[corev1.TLSCertKey])
	if err != nil {
		return one(policy.RuleUntrustedCertificate, "secret/"+secretName, fmt.Sprintf("tls.crt isn't a certificate: %v", err),
			"delete the Secret; cert-manager issues it again")
	}
	for _, webhook := range registered.Webhooks {
		if err := verify(chain, webhook.ClientConfig.CABundle, serviceName+"."+secret.Namespace+".svc"); err != nil {
			faults = append(faults, untrusted(webhook.Name, err))
		}
	}
	return "caBundle verifies the certificate in Secret " + secretName, faults, nil
}

// certificates returns the certificates of a PEM text, the server's own first.
func certificates(text []byte) (chain []*x509.Certificate, err error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		each, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		chain = append(chain, each)
	}
	if len(chain) == 0 {
		return nil, errors.New("it has no PEM block")
	}
	return chain, nil
}

// verify returns why a bundle doesn't verify a chain of certificates. The expiry of the
// first one is another check's.
func verify(chain []*x509.Certificate, bundle []byte, host string) error {
	if len(bundle) == 0 {
		return errors.New("caBundle is empty")
	}
	options := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), DNSName: host, CurrentTime: time.Now()}
	if !options.Roots.AppendCertsFromPEM(bundle) {
		return errors.New("caBundle has no certificate in PEM")
	}
	for _, each := range chain[1:] {
		options.Intermediates.AddCert(each)
	}
	if end := chain[0].NotAfter; options.CurrentTime.After(end) {
		options.CurrentTime = end
	}
	if _, err := chain[0].Verify(options); err != nil {
		return fmt.Errorf("caBundle doesn't verify the certificate in Secret %s: %w", secretName, err)
	}
	return nil
}

func certificateExpiry(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	found, err := c.certificate(ctx)
	if err != nil {
		return "", nil, err
	}
	if found.Status.NotBefore == nil || found.Status.NotAfter == nil {
		return "", nil, notChecked("no certificate has been issued yet")
	}
	begin, end, now := found.Status.NotBefore.Time, found.Status.NotAfter.Time, time.Now()
	if rule, message := expiry(begin, end, now); rule != "" {
		return one(rule, "certificate/"+certificateName, message, fmt.Sprintf("see kubectl describe certificate %s -n %s", certificateName, found.Namespace))
	}
	return days(end.Sub(now)) + " left", nil, nil
}

// expiry returns the rule that a certificate's end breaks, and what is wrong; empty for
// nothing. cert-manager renews a certificate when a third of its time is left, or the
// chart's 30 days before its end, so one that has only a tenth isn't being renewed.
func expiry(begin, end, now time.Time) (rule policy.Rule, message string) {
	switch left := end.Sub(now); {
	case left <= 0:
		return policy.RuleCertificateExpired, "expired on " + end.Format(time.DateOnly) + ", so every call fails"
	case left < end.Sub(begin)/10:
		return policy.RuleCertificateExpires, fmt.Sprintf("expires on %s, in %s, and wasn't renewed", end.Format(time.DateOnly), days(left))
	default:
		return "", ""
	}
}

// days returns a duration in days.
func days(d time.Duration) string {
	return policy.Quantity(int(d/(24*time.Hour)), "day")
}
