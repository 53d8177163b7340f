// With a file of assembly in the package, functions may have no body.
