package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// file is a file of an archive or of the image.
type file struct {
	name    string
	mode    int64
	content []byte
}

// archive returns the path of a platform's archive.
func (r *release) archive(p platform) string {
	extension := ".tar.gz"
	if p.os == "windows" {
		extension = ".zip"
	}
	return filepath.Join(r.folder, fmt.Sprintf("holdfast_%s_%s_%s%s", r.version, p.os, p.arch, extension))
}

// buildArchive makes a platform's archive, and the SBOM of its binary.
func (r *release) buildArchive(ctx context.Context, p platform) error {
	temporary, err := os.MkdirTemp("", "holdfast-binary-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	path := filepath.Join(temporary, p.binary())
	notice, err := r.buildBinary(ctx, p, path)
	if err != nil {
		return err
	}
	if err := r.writeSBOM(p, path); err != nil {
		return err
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	licence, err := os.ReadFile(filepath.Join(r.path, "LICENSE"))
	if err != nil {
		return err
	}
	compressed, err := pack(r.archive(p), []file{
		{p.binary(), 0o755, binary},
		{"LICENSE", 0o644, licence},
		{"NOTICE", 0o644, []byte(notice)},
	}, r.committed)
	if err != nil {
		return err
	}
	return os.WriteFile(r.archive(p), compressed, 0o644)
}

// verifyArchive checks the files in a platform's archive, and its SBOM.
func (r *release) verifyArchive(ctx context.Context, p platform) error {
	files, err := unpack(r.archive(p))
	if err != nil {
		return err
	}
	var names []string
	for _, f := range files {
		names = append(names, f.name)
	}
	if want := []string{p.binary(), "LICENSE", "NOTICE"}; !slices.Equal(names, want) {
		return fmt.Errorf("the archive has the files %q, not %q", names, want)
	}
	temporary, err := os.MkdirTemp("", "holdfast-binary-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	path := filepath.Join(temporary, p.binary())
	if err := os.WriteFile(path, files[0].content, 0o600); err != nil {
		return err
	}
	if err := r.verifyBinary(ctx, p, path); err != nil {
		return err
	}
	return r.verifySBOM(p, path)
}

// pack returns an archive of files, in the format that its name says.
func pack(name string, files []file, modified time.Time) ([]byte, error) {
	var compressed bytes.Buffer
	if filepath.Ext(name) == ".zip" {
		err := writeZip(&compressed, files, modified)
		return compressed.Bytes(), err
	}
	compressor := gzip.NewWriter(&compressed)
	err := errors.Join(writeTar(compressor, files, modified), compressor.Close())
	return compressed.Bytes(), err
}

func writeTar(to io.Writer, files []file, modified time.Time) error {
	archive := tar.NewWriter(to)
	for _, f := range files {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: f.mode, Size: int64(len(f.content)), ModTime: modified}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(f.content); err != nil {
			return err
		}
	}
	return archive.Close()
}

func writeZip(to io.Writer, files []file, modified time.Time) error {
	archive := zip.NewWriter(to)
	for _, f := range files {
		writer, err := archive.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: modified})
		if err != nil {
			return err
		}
		if _, err := writer.Write(f.content); err != nil {
			return err
		}
	}
	return archive.Close()
}

// unpack returns the files of an archive.
func unpack(path string) ([]file, error) {
	if filepath.Ext(path) == ".zip" {
		return readZip(path)
	}
	compressed, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer compressed.Close()
	decompressor, err := gzip.NewReader(compressed)
	if err != nil {
		return nil, err
	}
	return readTar(decompressor)
}

func readTar(from io.Reader) ([]file, error) {
	archive := tar.NewReader(from)
	var files []file
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			return nil, err
		}
		files = append(files, file{header.Name, header.Mode, content})
	}
}

func readZip(path string) ([]file, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	var files []file
	for _, entry := range archive.File {
		reader, err := entry.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(reader)
		if err := errors.Join(err, reader.Close()); err != nil {
			return nil, err
		}
		files = append(files, file{entry.Name, int64(entry.Mode().Perm()), content})
	}
	return files, nil
}
