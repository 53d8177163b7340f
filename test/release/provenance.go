package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	provenance "github.com/in-toto/attestation/go/predicates/provenance/v1"
	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/sigstore/sigstore/pkg/signature/dsse"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	securesystems "github.com/secure-systems-lab/go-securesystemslib/dsse"
)

const (
	provenanceFile = "provenance.intoto.json"
	predicateType  = "https://slsa.dev/provenance/v1"
	statementType  = "application/vnd.in-toto+json"
	// buildType says how to read the parameters: it is this program.
	buildType = projectURL + "/tree/main/test/release"
)

// subjects returns the digests of what is built: archives, SBOMs, the chart's package,
// and the image and the chart by the names that they are pulled by.
func (r *release) subjects() ([]*intoto.ResourceDescriptor, error) {
	built, err := filepath.Glob(filepath.Join(r.folder, "holdfast*"))
	if err != nil {
		return nil, err
	}
	var all []*intoto.ResourceDescriptor
	for _, path := range built {
		sum, err := sha256Of(path)
		if err != nil {
			return nil, err
		}
		all = append(all, &intoto.ResourceDescriptor{Name: filepath.Base(path), Digest: map[string]string{"sha256": sum}})
	}
	for _, a := range artifacts {
		digest, err := r.digest(a)
		if err != nil {
			return nil, err
		}
		name := home + "/" + a.repository + ":" + r.version
		all = append(all, &intoto.ResourceDescriptor{Name: name, Digest: map[string]string{digest.Algorithm: digest.Hex}})
	}
	return all, nil
}

// provenance states who built the release, when, and from which commit.
func (r *release) provenance(finished time.Time) (*provenance.Provenance, error) {
	parameters, err := structpb.NewStruct(map[string]any{"version": r.version})
	if err != nil {
		return nil, err
	}
	return &provenance.Provenance{
		BuildDefinition: &provenance.BuildDefinition{
			BuildType:          buildType,
			ExternalParameters: parameters,
			ResolvedDependencies: []*intoto.ResourceDescriptor{{
				Uri: "git+" + projectURL, Digest: map[string]string{"gitCommit": r.commit},
			}},
		},
		RunDetails: &provenance.RunDetails{
			Builder:  &provenance.Builder{Id: r.builder, Version: map[string]string{"go": runtime.Version()}},
			Metadata: &provenance.BuildMetadata{StartedOn: timestamppb.New(r.started), FinishedOn: timestamppb.New(finished)},
		},
	}, nil
}

// statement returns the in-toto statement with the provenance of what is built.
func (r *release) statement(finished time.Time) (*intoto.Statement, error) {
	subjects, err := r.subjects()
	if err != nil {
		return nil, err
	}
	stated, err := r.provenance(finished)
	if err != nil {
		return nil, err
	}
	predicate := &structpb.Struct{}
	if err := convert(stated, predicate); err != nil {
		return nil, err
	}
	return &intoto.Statement{Type: intoto.StatementTypeUri, Subject: subjects, PredicateType: predicateType, Predicate: predicate}, nil
}

// convert copies a message into one of another type with the same JSON.
func convert(from, to proto.Message) error {
	text, err := protojson.Marshal(from)
	if err != nil {
		return err
	}
	return protojson.Unmarshal(text, to)
}

// writeProvenance writes the statement, signed, in a DSSE envelope.
func (r *release) writeProvenance(key signature.Signer) error {
	statement, err := r.statement(time.Now())
	if err != nil {
		return err
	}
	text, err := protojson.Marshal(statement)
	if err != nil {
		return err
	}
	envelope, err := dsse.WrapSigner(key, statementType).SignMessage(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.folder, provenanceFile), envelope, 0o644)
}

// verifyProvenance checks the envelope's signature, that the statement is well-formed,
// and that it is about these files and this commit.
func (r *release) verifyProvenance(key signature.Verifier) error {
	text, err := os.ReadFile(filepath.Join(r.folder, provenanceFile))
	if err != nil {
		return err
	}
	var envelope securesystems.Envelope
	if err := json.Unmarshal(text, &envelope); err != nil {
		return err
	}
	if err := dsse.WrapVerifier(key).VerifySignature(bytes.NewReader(text), nil); err != nil {
		return err
	}
	payload, err := envelope.DecodeB64Payload()
	if err != nil {
		return err
	}
	var statement intoto.Statement
	if err := protojson.Unmarshal(payload, &statement); err != nil {
		return err
	}
	var stated provenance.Provenance
	if err := errors.Join(statement.Validate(), convert(statement.GetPredicate(), &stated), stated.Validate()); err != nil {
		return err
	}
	for _, dependency := range stated.GetBuildDefinition().GetResolvedDependencies() {
		if got := dependency.GetDigest()["gitCommit"]; got != r.commit {
			return fmt.Errorf("the provenance names commit %s, not %s", got, r.commit)
		}
	}
	return r.verifySubjects(statement.GetSubject())
}

// verifySubjects checks that a statement is about all that is built, as it is.
func (r *release) verifySubjects(got []*intoto.ResourceDescriptor) error {
	want, err := r.subjects()
	if err != nil {
		return err
	}
	var wrong []string
	for i, subject := range want {
		if i >= len(got) || !proto.Equal(got[i], subject) {
			wrong = append(wrong, subject.GetName())
		}
	}
	if len(wrong) > 0 || len(got) != len(want) {
		return fmt.Errorf("the provenance isn't about %s", strings.Join(wrong, ", "))
	}
	return nil
}
