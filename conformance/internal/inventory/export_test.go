package inventory

// NewAt is [New] with another clock.
var NewAt = newServer
