package dialect

// passedThrough is the warning for an annotation that has the controller pass TLS
// through to the pods.
const passedThrough = "passes TLS through as TCP, so the controller's timeouts and stickiness don't apply; terminate TLS at the controller"
