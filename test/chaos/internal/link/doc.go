// Package link is a TCP proxy whose connections break as those of networks do: they are
// cut with a reset or an end, stand still, are slow, or cannot be made. It forwards bytes
// and knows nothing of what they mean.
package link
