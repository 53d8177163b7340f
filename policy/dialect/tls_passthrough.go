package dialect

// passedThrough is the warning for an annotation that has the controller pass TLS
// through to the pods.
const passedThrough = "makes this plain TCP, which no timeout or stickiness of the controller applies to; end TLS at the controller"
