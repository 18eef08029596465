// Answers what kstatus makes of each of the objects on standard input, a JSON list: one line each.
package main

import (
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

func main() {
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		fail(err)
	}
	var objects []any
	// The plain decoder reads whole numbers as floats, which no object of Kubernetes has.
	if err := json.Unmarshal(input, &objects); err != nil {
		fail(err)
	}
	for _, object := range objects {
		fields, isObject := object.(map[string]any)
		if !isObject {
			fail(fmt.Errorf("no object: %v", object))
		}
		result, err := status.Compute(&unstructured.Unstructured{Object: fields})
		if err != nil {
			fail(err)
		}
		fmt.Println(result.Status)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
