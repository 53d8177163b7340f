package manifest

import (
	"bytes"
	"encoding/json"

	kyaml "sigs.k8s.io/yaml"
)

// splitJSON splits a stream of JSON values, which kubectl reads without
// separators, into its values. Each has to end with its line, so that positions
// can be told apart; any other text is returned in one piece.
func splitJSON(text []byte) [][]byte {
	if !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) {
		return [][]byte{text}
	}
	var parts [][]byte
	begin := 0
	decoder := json.NewDecoder(bytes.NewReader(text))
	for begin < len(text) {
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return [][]byte{text}
		}
		end := skipBlanks(text, int(decoder.InputOffset()))
		if end < len(text) && text[end-1] != '\n' {
			return [][]byte{text}
		}
		parts = append(parts, text[begin:end:end])
		begin = end
	}
	return parts
}

// skipBlanks returns the end of the white space at an offset.
func skipBlanks(text []byte, offset int) int {
	return len(text) - len(bytes.TrimLeft(text[offset:], " \t\r\n"))
}

// JSON converts a text of the document as kubectl does: to a JSON value on lines
// of its own, or to nothing if the text is empty.
func (d *Document) JSON(text []byte) ([]byte, error) {
	s := newSource(d.File, d.Line, text)
	root, err := parse(s)
	if err != nil || root == nil || isNull(root) {
		return nil, err
	}
	value := bytes.TrimSpace(s.yaml())
	if !json.Valid(value) {
		if value, err = kyaml.YAMLToJSON(s.yaml()); err != nil {
			return nil, &SyntaxError{s.position(0), err.Error()}
		}
	}
	var out bytes.Buffer
	if err := json.Indent(&out, value, "", "    "); err != nil {
		return nil, &SyntaxError{s.position(0), err.Error()}
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
