/*
 * sandbox.c - what fsd may ask of the kernel beyond what every daemon with
 * ZeroMQ threads needs: files beneath descriptors it has, and identities.
 */
#include "fsd/walls.h"

const struct sandbox_rule fsd_rules[] = {
	/* finding and opening */
	ALLOW(openat2, "every look-up: RESOLVE_BENEATH the share's root"),
	ALLOW(openat, "new files in a found directory; an O_PATH descriptor reopened"),
	ALLOW(statx, "attributes, times, sizes"),
	ALLOW(getdents64, "listings, the index of names"),
	ALLOW(lseek, "a listing restarts; holes and data of sparse files"),
	ALLOW(fstatfs, "size of the file system, and is it local?"),
	ALLOW(getxattr, "DOS attributes and creation time"),
	ALLOW(lgetxattr, "the same in listings"),
	ALLOW(fchdir, "listings, while they ask for attributes by name"),
	ALLOW(setxattr, "the same, written; extended attributes of clients"),
	ALLOW(listxattr, "extended attributes of clients"),
	ALLOW(llistxattr, "the same in listings"),
	ALLOW(removexattr, "the same"),
	ALLOW(inotify_add_watch, "the index of names stays true"),
	ALLOW(inotify_rm_watch, "a directory drops out of the index"),
	/* data */
	ALLOW(preadv2, "reads"),
	ALLOW(pwritev2, "writes"),
	ALLOW(pread64, "copies within the server"),
	ALLOW(pwrite64, "the same"),
	ALLOW(copy_file_range, "copies within the server, without the data passing by"),
	ALLOW(ftruncate, "end of file"),
	ALLOW(fallocate, "reserved space, zeroed ranges"),
	ALLOW(fsync, "flush"),
	ALLOW(fdatasync, "flush"),
	/* names and attributes */
	ALLOW(mkdirat, "new directories"),
	ALLOW(unlinkat, "deletion"),
	ALLOW(renameat2, "renames"),
	ALLOW(renameat, "what libc makes of renameat2 without flags: one that replaces"),
	ALLOW(linkat, "hard links"),
	ALLOW(utimensat, "explicit times"),
	ALLOW(fchmodat, "mode from a security descriptor"),
	ALLOW(fchownat, "group from a security descriptor"),
	/* identity */
	ALLOW(setfsuid, "acts as the grant's user, per thread"),
	ALLOW(setfsgid, "the same"),
	ALLOW(setgroups, "the same"),
	ALLOW(capset, "a capability for one call, and none otherwise"),
	ALLOW_IF(fcntl, 1, 0xffffffff, F_DUPFD_CLOEXEC, "roots of shares outlive a reload"),
	/* for a front end on another host */
	ALLOW(listen, "libzmq takes over the inherited listener"),
	ALLOW(mlock, "libsodium keeps CURVE secrets out of swap"),
	ALLOW(munlock, "and lets go of them"),
};
const size_t n_fsd_rules = NELEM(fsd_rules);
