// Package files reads the files that a user names, and writes the files that
// the kit is asked for.
//
// [Store.Read] takes any file, a named pipe or a device too: it reads no more
// than it is told to, and ends when its context does. [Store.Write] writes files
// whole or not at all: each first goes to a draft beside it, which is synced,
// closed and renamed. Whatever fails on the way, and whenever the process ends,
// the old file or the new one is there. [Store.Abandon] removes the drafts of a
// process that cannot wait. A process that is killed leaves its drafts: nobody
// removes them later, since they may be of another process that is at work.
//
// A file that is replaced keeps its permissions, and a new one has those that
// the umask leaves. Symbolic links, devices and pipes are never written to.
//
// The package leans on [Disk], which tests replace by one that fails.
package files
